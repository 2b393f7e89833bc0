/// A value of a document. Reading a missing value, or one of another kind, returns nil: the caller decides what it
/// means.
public struct JSONValue: Sendable {
    let document: JSONDocument
    let index: Int

    public var isNull: Bool { document.kind(index) == .null }
    public var isObject: Bool { document.kind(index) == .object }
    public var isArray: Bool { document.kind(index) == .array }

    public var bool: Bool? {
        switch document.kind(index) {
        case .true: true
        case .false: false
        default: nil
        }
    }

    public var string: String? { document.kind(index) == .string ? document.string(index) : nil }

    /// The digits as written.
    public var number: String? { document.kind(index) == .number ? document.string(index) : nil }

    /// A whole number, written without a fraction or an exponent.
    public var int: Int? { document.int(index) }

    /// The elements of an array, in order; empty for anything else.
    public var elements: [JSONValue] {
        guard isArray else { return [] }
        return children { JSONValue(document: document, index: $0) }.map { $0.value }
    }

    /// The members of an object, in order, including repeated names; empty for anything else.
    public var members: [(name: String, value: JSONValue)] {
        guard isObject else { return [] }
        return children { JSONValue(document: document, index: $0 + 1) }.map { (document.string($0.index), $0.value) }
    }

    /// A member of an object; the first if several have the same name.
    public subscript(_ name: String) -> JSONValue? {
        guard isObject else { return nil }
        return children { JSONValue(document: document, index: $0 + 1) }.first { document.string($0.index) == name }?
            .value
    }

    /// The JSON pointer (RFC 6901) of this value.
    public var pointer: String { document.pointer(index) }

    private func children(_ value: (Int) -> JSONValue) -> [(index: Int, value: JSONValue)] {
        var children: [(index: Int, value: JSONValue)] = []
        var child = index + 1
        while child < document.next(index) {
            let value = value(child)
            children.append((child, value))
            child = document.next(value.index)
        }
        return children
    }
}

extension JSONValue {
    /// As written in the document; arrays and objects without white space.
    public var encoded: [UInt8] {
        if isArray { return JSON.array(elements.map { .encoded($0.encoded) }).encoded }
        if isObject { return JSON.object(members.map { JSON.Member($0.name, .encoded($0.value.encoded)) }).encoded }
        let range = document.range(index)
        let quotes = document.kind(index) == .string ? 1 : 0
        return Array(document.bytes[(range.lowerBound - quotes)..<(range.upperBound + quotes)])
    }
}
