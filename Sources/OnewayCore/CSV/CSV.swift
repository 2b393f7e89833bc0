/// Lines of RFC 4180, which spreadsheets open.
public enum CSV {
    public static func line(_ texts: [String]) -> String { texts.map { field($0) }.joined(separator: ",") + "\r\n" }

    /// - Parameter isText: Not a number, which may begin with a minus.
    public static func field(_ text: String, isText: Bool = true) -> String {
        let text = clean(text)
        // A spreadsheet runs what begins like this as a formula; the apostrophe makes it text.
        let isFormula = isText && (text.utf8.first.map { "=+-@".utf8.contains($0) } ?? false)
        let safe = isFormula ? "'" + text : text
        guard safe.utf8.contains(where: { "\",".utf8.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// Names have no line breaks, and nothing here is to command a terminal. What only changes the writing direction is
    /// left out, because it has no width; the joiners that some scripts write names with stay.
    private static func clean(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !scalar.properties.isBidiControl {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: clean.append(" ")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }
}
