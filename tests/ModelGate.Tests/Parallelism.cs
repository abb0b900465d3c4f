// No test changes what others see: each has a folder, a working directory and a console of its own. What holds one time against another says
// [DoNotParallelize], and runs alone when all others are done.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.ClassLevel)]
