namespace ModelGate.Models;

/// <summary>What there is to say of a model while it is read: at most fifty notes, so that a hostile file cannot flood a report.</summary>
internal sealed class ModelNotes(string path)
{
    private const int Most = 50;

    private readonly List<Diagnostic> notes = [];
    private int unsaid;

    /// <summary>Adds a note.</summary>
    public void Add(string message)
    {
        if (notes.Count < Most) notes.Add(Note(message));
        else unsaid++;
    }

    /// <summary>All that was said, ended by how much was left out.</summary>
    public IReadOnlyList<Diagnostic> All()
    {
        if (unsaid > 0) notes.Add(Note($"{unsaid} more notes of these kinds were left out"));
        unsaid = 0;
        return notes;
    }

    private Diagnostic Note(string message) => new(Diagnostics.ModelNote, new SourceLocation(path), message);
}
