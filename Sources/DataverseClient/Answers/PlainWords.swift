/// Text from an answer, fit to be shown: one line, not long, and without addresses.
func plainWords(_ text: String) -> String {
    let words = text.split { $0.isWhitespace || $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } }
        .map { $0.contains("://") ? "(address)" : String($0) }
    let line = words.joined(separator: " ")
    return line.count > 300 ? line.prefix(299) + "…" : line
}
