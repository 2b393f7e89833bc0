import CMicroHTTPD

/// Copies a head out of libmicrohttpd's memory, which may be read only during a callback, and checks it meanwhile.
///
/// The library parses a head in place, writing NULs over the colons and over CR LF. So in a head of clean lines each
/// part directly follows the one before. A line that ended with a bare LF, was folded into the next, had no name, or
/// hid a NUL leaves a gap, and the library reports none of these.
@safe struct HeadReader {
    private(set) var headers = Headers()
    private(set) var check: RequestCheck
    /// Where the last line ended.
    private var lineEnd: UInt

    init(
        _ connection: OpaquePointer,
        _ exchange: Exchange,
        method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>,
        headersMax: Int
    ) {
        check = RequestCheck(headersMax: headersMax)
        let (word, spoken) = unsafe (bytes(method), bytes(version))
        lineEnd = UInt(bitPattern: version) + UInt(spoken.count)
        unsafe check.requestLine(
            method: word,
            target: exchange.target,
            version: String(decoding: spoken, as: UTF8.self)
        )
        if UInt(bitPattern: method) + UInt(word.count) + 1 != exchange.targetAddress
            || exchange.targetAddress + UInt(exchange.target.count) + 1 != UInt(bitPattern: version)
        {
            brokenLine()
        }
        unsafe withUnsafeMutablePointer(to: &self) { reader in
            _ = unsafe MHD_get_connection_values_n(connection, .HEADER_KIND, readHeader, reader)
        }
        if !emptyLineFollows(lineEnd) { brokenLine() }
        check.end()
    }

    fileprivate mutating func read(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        unsafe check.header(name: name, value: value)
        let (nameStart, valueStart) = (UInt(bitPattern: name.baseAddress), UInt(bitPattern: value.baseAddress))
        if unsafe nameStart != lineEnd + 2 || !onlyBlanksBetween(name, valueStart) { brokenLine() }
        lineEnd = valueStart + UInt(value.count)
        unsafe headers.append(name: name, value: value)
    }

    /// From version 1.0 on the library refuses such lines itself, and its memory layout is not defined.
    private mutating func brokenLine() {
        if MHD_VERSION < 0x0100_0000 { check.brokenLine() }
    }
}

/// Called for each header, on the calling thread.
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
    unsafe reader.pointee.read(bytes(name, nameCount), bytes(value, valueCount))
    return .YES
}

private func bytes(_ text: UnsafePointer<CChar>, _ count: Int? = nil) -> UnsafeBufferPointer<UInt8> {
    var length = count ?? 0
    if count == nil { while unsafe text[length] != 0 { length += 1 } }
    return unsafe UnsafeBufferPointer(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: length)
}

/// After a name come a NUL, where the colon was, and blanks. The bytes belong to the head as long as the value is
/// within reach.
private func onlyBlanksBetween(_ name: UnsafeBufferPointer<UInt8>, _ valueStart: UInt) -> Bool {
    guard let start = name.baseAddress else { return false }
    let nameEnd = UInt(bitPattern: start) + UInt(name.count)
    guard valueStart > nameEnd, valueStart - nameEnd < 32 << 10 else { return false }
    for index in 1..<Int(max(valueStart - nameEnd, 1)) {
        let byte = unsafe start[name.count + index]
        if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") { return false }
    }
    return true
}

/// The last line ends with CR LF, or the NULs written over them, and an empty line follows.
private func emptyLineFollows(_ lineEnd: UInt) -> Bool {
    guard let end = unsafe UnsafePointer<UInt8>(bitPattern: lineEnd) else { return false }
    return (0..<4).allSatisfy { unsafe [0, $0.isMultiple(of: 2) ? 0x0D : 0x0A].contains(end[$0]) }
}
