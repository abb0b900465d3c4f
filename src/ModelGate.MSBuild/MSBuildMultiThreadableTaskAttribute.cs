namespace Microsoft.Build.Framework;

/// <summary>
/// Tells a multithreaded build that a task may run beside others in one process. MSBuild 18 matches it by full name,
/// so that a task compiled against an older MSBuild can carry a definition of its own.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
