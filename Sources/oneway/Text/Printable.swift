extension Unicode.Scalar {
    /// Moves a terminal's cursor, changes its colours or the writing direction, or is not seen at all: C0 and C1
    /// controls, DEL, line and paragraph separators, bidirectional controls.
    fileprivate var isUnsafe: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension String {
    /// On one line, and without characters that a terminal would obey: the text is from outside.
    var printable: String {
        String(UnicodeScalarView(unicodeScalars.map { $0.isUnsafe ? " " : $0 }))
    }

    /// The same, but line breaks stay: these are our own.
    var printableLines: String {
        String(UnicodeScalarView(unicodeScalars.map { $0.isUnsafe && $0 != "\n" ? " " : $0 }))
    }

    /// JSON that means the same, with such characters escaped. In valid JSON they only occur within texts, except for
    /// white space, where a return becomes a line break and a tab stays.
    var printableJSON: String {
        if unicodeScalars.allSatisfy({ !$0.isUnsafe || $0 == "\n" || $0 == "\t" }) { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\n", "\t": text.unicodeScalars.append(scalar)
            case "\r": text += "\n"
            case _ where scalar.isUnsafe:
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
