// Each test has a folder of its own and waits for processes most of the time, some of them for the one pack of the tool: a third worker has
// something to do meanwhile.
[assembly: Parallelize(Workers = 3, Scope = ExecutionScope.MethodLevel)]
