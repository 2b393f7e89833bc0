/// The two kinds of text with a special meaning in Dynamics.
extension JSONDocument {
    func guid(_ index: Int) -> GUID? {
        guard nodes[index].kind == .string, !nodes[index].hasEscapes else {
            return nodes[index].kind == .string ? GUID(string(index)) : nil
        }
        return GUID(utf8: bytes.span.extracting(range(index)))
    }

    /// Dynamics escapes the slashes of a date, others do not: both are read in place.
    func date(_ index: Int) -> WireDate? {
        let range = range(index)
        guard nodes[index].kind == .string, 9...128 ~= range.count else { return nil }
        guard nodes[index].hasEscapes else { return WireDate(bytes.span.extracting(range)) }
        if begins(range.lowerBound, "\\/D"), begins(range.upperBound - 3, ")\\/") {
            return WireDate(inside: bytes.span.extracting(range.lowerBound + 2..<range.upperBound - 2))
        }
        let first = bytes[range.lowerBound]
        guard first == UInt8(ascii: "/") || first == UInt8(ascii: "\\") else { return nil }
        return WireDate(JSONText.unescaped(bytes[range]).span)
    }
}
