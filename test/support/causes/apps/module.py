import pandas_of_nobody

print(pandas_of_nobody)
