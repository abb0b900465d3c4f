using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelGate.Measuring;

namespace ModelGate.Worker;

/// <summary>
/// The process that started this one. When it is gone, its end of standard input closes and this process ends at once, even in the
/// middle of native code: nobody is left to hear a result.
/// </summary>
internal sealed class Parent
{
    private readonly BlockingCollection<string> lines = [];
    private readonly Stream output = Console.OpenStandardOutput();

    public Parent()
    {
        // Whatever managed code prints must not stand among our lines.
        Console.SetOut(TextWriter.Null);
        new Thread(Listen) { IsBackground = true, Name = "parent" }.Start();
    }

    /// <summary>What every line of ours begins with.</summary>
    public string Token { get; set; } = "";

    /// <summary>The next line, waited for; null where it is not understood.</summary>
    public T? Read<T>(JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(lines.Take(), type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Says something on a line of its own, whatever native code printed before it.</summary>
    public void Say(WorkerMessage message)
    {
        string line = $"\n{Token}{JsonSerializer.Serialize(message, WorkerJson.Default.WorkerMessage)}\n";
        output.Write(Encoding.UTF8.GetBytes(line));
        output.Flush();
    }

    private void Listen()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        while (input.ReadLine() is { } line)
            lines.Add(line);
        Process.GetCurrentProcess().Kill();
    }
}
