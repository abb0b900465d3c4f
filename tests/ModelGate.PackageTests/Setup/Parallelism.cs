// Each test waits for processes most of the time; each has a folder of its own.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]
