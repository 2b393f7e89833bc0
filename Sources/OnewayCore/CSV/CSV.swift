/// Lines of RFC 4180, which spreadsheets open.
public enum CSV {
    public static func line(_ texts: [String]) -> String { texts.map { field($0) }.joined(separator: ",") + "\r\n" }

    /// - Parameter isText: Not a number, which may begin with a minus.
    public static func field(_ text: String, isText: Bool = true) -> String {
        // Names have no line breaks, and nothing here is to command a terminal.
        let text = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
        )
        // A spreadsheet runs what begins like this as a formula; the apostrophe makes it text.
        let isFormula = isText && (text.utf8.first.map { "=+-@".utf8.contains($0) } ?? false)
        let safe = isFormula ? "'" + text : text
        guard safe.utf8.contains(where: { "\",".utf8.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
