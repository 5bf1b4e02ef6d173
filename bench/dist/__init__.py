"""What ranks cost and bring: moves of rows, loops over them, calls. python -m bench.dist"""
