using System.Text.Json;
using ModelGate.Measuring;
using ModelGate.Worker;

// Started by ModelGate for each restart; of no use by itself.
var parent = new Parent();
if (parent.Read(WorkerJson.Default.WorkerOrder) is not { } order)
    return 2;
parent.Token = order.Token;

try
{
    var runtime = RuntimeLibrary.Load(order.ManagedFolders, order.NativeFolders);
    parent.Say(new() { Step = "runtime", Version = runtime.Version, Build = runtime.Build });
    OrderRun.Take(order, parent);
}
catch (WorkerException e)
{
    parent.Say(new() { Step = "failed", Code = e.Code, Reason = e.Message });
}

return 0;
