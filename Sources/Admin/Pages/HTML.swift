import OnewayCore

/// HTML to be rendered. Text is escaped on output, and names of elements and attributes are literals of this program,
/// so nothing from outside can become markup.
///
///     HTML.tag("p", ["class": "note"], "Hello, ", .tag("b", [:], "\(name)"))
package indirect enum HTML: Sendable {
    case text(String)
    case element(StaticString, [(name: StaticString, value: String)], [HTML])
    case all([HTML])

    /// Attributes whose value is nil are left out; `""` makes one without a value.
    package static func tag(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String?> = [:],
        _ children: HTML...
    ) -> HTML {
        .element(name, attributes.compactMap { name, value in value.map { (name, $0) } }, children)
    }

    package static var nothing: HTML { .all([]) }

    /// A whole document.
    package var document: [UInt8] {
        var bytes = Array("<!DOCTYPE html>\n".utf8)
        append(to: &bytes)
        return bytes
    }

    func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text): Self.escape(text, to: &bytes)
        case .all(let parts): for part in parts { part.append(to: &bytes) }
        case .element(let name, let attributes, let children):
            bytes.append(UInt8(ascii: "<"))
            bytes += "\(name)".utf8
            for attribute in attributes {
                bytes += " \(attribute.name)=\"".utf8
                Self.escape(attribute.value, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: ">"))
            if Self.isVoid(name) { return }
            for child in children { child.append(to: &bytes) }
            bytes += "</\(name)>".utf8
        }
    }

    /// Elements that have no closing tag in HTML.
    private static func isVoid(_ name: StaticString) -> Bool {
        ["meta", "link", "input"].contains("\(name)")
    }

    private static func escape(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            // HTML allows no other control characters.
            case 0x09, 0x0A, 0x20...0x7E, 0x80...: bytes.append(byte)
            default: bytes += "\u{FFFD}".utf8
            }
        }
    }
}

extension HTML: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
    package init(arrayLiteral parts: HTML...) { self = .all(parts) }
}

/// A local address with its parameters escaped.
package func address(_ path: String, _ parameters: KeyValuePairs<StaticString, String?> = [:]) -> String {
    let given = parameters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encoded($0))" } }
    return given.isEmpty ? path : "\(path)?\(given.joined(separator: "&"))"
}
