import CMicroHTTPD

/// Copies a head out of libmicrohttpd's memory, which is ours to look at during a callback only, and checks it on the way.
struct HeadReader {
    private(set) var headers = Headers()
    private(set) var check: RequestCheck

    init(
        _ connection: OpaquePointer,
        _ exchange: Exchange,
        method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>,
        headersMax: Int
    ) {
        check = RequestCheck(headersMax: headersMax)
        unsafe check.requestLine(method: bytes(method), target: exchange.target, version: String(cString: version))
        // The version follows the target and one space, unless a NUL or more spaces hide there.
        if UInt(bitPattern: version) != exchange.targetAddress + UInt(exchange.target.count) + 1 {
            check.brokenLine()
        }
        if unsafe !endsWithLineBreak(version, bytes(version).count) { check.brokenLine() }
        unsafe withUnsafeMutablePointer(to: &self) { reader in
            _ = unsafe MHD_get_connection_values_n(connection, .HEADER_KIND, readHeader, reader)
        }
        check.end()
    }

    fileprivate mutating func read(
        _ name: UnsafePointer<CChar>,
        _ nameCount: Int,
        _ value: UnsafePointer<CChar>,
        _ valueCount: Int
    ) {
        let (nameBytes, valueBytes) = unsafe (bytes(name, nameCount), bytes(value, valueCount))
        unsafe check.header(name: nameBytes, value: valueBytes)
        if unsafe !follows(value, name, nameCount) || !endsWithLineBreak(value, valueCount) { check.brokenLine() }
        unsafe headers.append(name: nameBytes, value: valueBytes)
    }
}

/// Called for each header, on the thread that asked.
private func readHeader(
    _ reader: UnsafeMutableRawPointer?,
    _ kind: MHD_ValueKind,
    _ name: UnsafePointer<CChar>?,
    _ nameCount: Int,
    _ value: UnsafePointer<CChar>?,
    _ valueCount: Int
) -> MHD_Result {
    guard let reader = unsafe reader?.assumingMemoryBound(to: HeadReader.self), let name = unsafe name,
        let value = unsafe value
    else { return .NO }
    unsafe reader.pointee.read(name, nameCount, value, valueCount)
    return .YES
}

private func bytes(_ text: UnsafePointer<CChar>, _ count: Int? = nil) -> UnsafeBufferPointer<UInt8> {
    var length = count ?? 0
    if count == nil { while unsafe text[length] != 0 { length += 1 } }
    return unsafe UnsafeBufferPointer(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: length)
}

/// The library parses a head in place, writing a NUL over the colon and NULs over CR LF; a folded value is moved elsewhere.
/// So a value that does not lie behind its name, with nothing but spaces between, was folded.
private func follows(_ value: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ nameCount: Int) -> Bool {
    let gap = unsafe UnsafeRawPointer(value) - UnsafeRawPointer(name) - nameCount
    guard gap >= 1, gap < 32 << 10, unsafe name[nameCount] == 0 else { return false }
    for index in 1..<max(gap, 1) where unsafe !isBlank(name[nameCount + index]) { return false }
    return true
}

private func isBlank(_ character: CChar) -> Bool { character == 0x20 || character == 0x09 }

/// After the NUL that ends a line stands a second one where CR LF was, and the next line's first byte where LF was alone.
/// (Later versions leave the LF in place; they refuse a bare one themselves.) The byte is the head's: a head ends with an
/// empty line, so every line is followed by at least one byte.
private func endsWithLineBreak(_ text: UnsafePointer<CChar>, _ count: Int) -> Bool {
    unsafe text[count] == 0 && (text[count + 1] == 0 || text[count + 1] == 0x0A)
}
