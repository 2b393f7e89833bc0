import CYAML

/// libyaml's events, one by one, as Swift values.
@safe final class YAMLEvents {
    enum Event {
        case scalar(String, isQuoted: Bool)
        case listStart, listEnd, mapStart, mapEnd, documentStart, documentEnd, streamStart, streamEnd
        case alias
    }

    struct Item {
        let event: Event
        let hasAnchor: Bool
        let hasTag: Bool
        /// Both count from 1.
        let line: Int
        let column: Int
    }

    struct SyntaxError: Error {
        let line: Int
        let column: Int
        let says: String
        /// The line is indented with a tab, which YAML does not allow: what libyaml says of that helps nobody.
        var isIndentedByTab = false
    }

    // libyaml keeps pointers into both, so they are our own memory and never move; only this class touches them.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        unsafe parser = .allocate(capacity: 1)
        unsafe input = .allocate(capacity: bytes.count)
        _ = unsafe input.initialize(from: bytes)
        let initialized = unsafe yaml_parser_initialize(parser)
        precondition(initialized == 1, "libyaml is out of memory")
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    func next() throws(SyntaxError) -> Item {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw error() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe Item(
            event: Self.read(&event),
            hasAnchor: cyaml_has_anchor(&event),
            hasTag: cyaml_has_tag(&event),
            line: event.start_mark.line + 1,
            column: event.start_mark.column + 1
        )
    }

    private static func read(_ event: inout yaml_event_t) -> Event {
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let bytes = unsafe UnsafeBufferPointer(
                start: cyaml_scalar_bytes(&event),
                count: cyaml_scalar_length(&event)
            )
            let isPlain = unsafe cyaml_scalar_is_plain(&event)
            return unsafe .scalar(String(decoding: bytes, as: UTF8.self), isQuoted: !isPlain)
        case YAML_SEQUENCE_START_EVENT: return .listStart
        case YAML_SEQUENCE_END_EVENT: return .listEnd
        case YAML_MAPPING_START_EVENT: return .mapStart
        case YAML_MAPPING_END_EVENT: return .mapEnd
        case YAML_ALIAS_EVENT: return .alias
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_START_EVENT: return .streamStart
        default: return .streamEnd
        }
    }

    /// libyaml's messages are constants; none repeats the text that it read.
    private func error() -> SyntaxError {
        let says = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            let before = unsafe input.prefix(parser.pointee.problem_offset)
            let line = unsafe before.count { $0 == UInt8(ascii: "\n") }
            let column = unsafe before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
            return SyntaxError(line: line + 1, column: column + 1, says: says)
        }
        let mark = unsafe parser.pointee.problem_mark
        let context = unsafe parser.pointee.context.map { unsafe " " + String(cString: $0) } ?? ""
        return SyntaxError(
            line: mark.line + 1,
            column: mark.column + 1,
            says: says + context,
            isIndentedByTab: isIndentedByTab(line: mark.line)
        )
    }

    private func isIndentedByTab(line: Int) -> Bool {
        let bytes = unsafe Array(input)
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
        guard lines.count > line else { return false }
        let indentation = lines[line].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return indentation.contains(UInt8(ascii: "\t"))
    }
}
