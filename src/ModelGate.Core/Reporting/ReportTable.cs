namespace ModelGate.Reporting;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="IsNumber">True where its cells are set to the right.</param>
public sealed record TableColumn(string Name, bool IsNumber = false);

/// <summary>A table of a report, before it is set in text, Markdown or on a terminal. Its cells hold names from the model as they are: whoever shows them makes them inert.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Rows">Its rows, one cell for each column.</param>
public sealed record ReportTable(string Title, IReadOnlyList<TableColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
