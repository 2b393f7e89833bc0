/// Called by libFuzzer with one input after another: runs everything that happens to a body before it is stored, and
/// checks properties that must hold for any bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let body = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    _ = NotificationIdentity(body: body, envelope: try? Envelope.peek(body))
    if let document = try? JSONDocument(body) { check(document.root, depth: 0) }
    for selection in [Selection.everything, Selection([.opportunity: ["estimatedvalue"]])] {
        guard let notification = try? DynamicsNotification.decode(body, selection: selection) else { continue }
        for record in notification.facts(receivedAt: Timestamp(milliseconds: 0)) {
            var twice = record
            twice.merge(record)
            precondition(twice == record, "merging a record with itself changes nothing")
            precondition((try? MirrorRecord(decoding: record.encoded())) == record, "the stored form comes back whole")
        }
    }
    _ = try? MirrorRecord(decoding: body)
    return 0
}

/// A value that is read and written again has the same meaning.
private func check(_ value: JSONValue, depth: Int) {
    for (element, place) in zip(value.elements, 0...) where place < 100 { check(element, depth: depth + 1) }
    for (member, place) in zip(value.members, 0...) where place < 100 {
        var json = JSONWriter()
        json.string(member.name)
        precondition((try? JSONDocument(json.bytes))?.root.string == member.name, "a written string comes back")
        check(member.value, depth: depth + 1)
    }
}
