import OnewayCore

/// The start of the next page. Opaque to clients.
struct PagingCookie: Sendable {
    let page: Int
    let place: RowFilter.Place
    /// With change tracking: the version at the time of the first page.
    var tracked: Int64?
    /// In a delta: the last version of the previous page, and whether it was a deletion.
    var told: (version: Int64, isDeletion: Bool)?

    init(page: Int, place: RowFilter.Place, tracked: Int64? = nil, told: (version: Int64, isDeletion: Bool)? = nil) {
        self.page = page
        self.place = place
        self.tracked = tracked
        self.told = told
    }

    var text: String {
        var members: [JSON.Member] = [
            .init("id", .string("\(place.id)")), .init("values", .array(place.values.map(Self.json))),
        ]
        if let tracked { members.append(.init("tracked", .int(tracked))) }
        if let told {
            members += [.init("told", .int(told.version)), .init("deletion", .bool(told.isDeletion))]
        }
        let inner = JSON.object(members).encoded.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
        return "<cookie pagenumber=\"\(page)\" pagingcookie=\"\(inner)\" istracking=\"\(tracked != nil)\" />"
    }

    init(_ text: String) throws(DataverseError) {
        let failure = DataverseError.bad("Malformed XML in the Paging Cookie")
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "<cookie pagenumber=", let page = Int(parts[1]),
            (1...1_000_000).contains(page),
            let bytes = Self.bytes(parts[3]), let root = (try? JSONDocument(bytes))?.root,
            let id = root["id"]?.string.flatMap({ GUID($0) })
        else { throw failure }
        let values = root["values"]?.elements.compactMap(Self.value) ?? []
        self.init(page: page, place: .init(values: values, id: id), tracked: root["tracked"]?.int.map { Int64($0) })
        if let version = root["told"]?.int { told = (Int64(version), root["deletion"]?.bool ?? false) }
    }

    private static func json(_ value: FilterValue) -> JSON {
        switch value {
        case .null: .null
        case .flag(let flag): .bool(flag)
        case .number(let number): .number("\(number)")
        case .text(let text): .string(text)
        case .id(let id): ["id": .string("\(id)")]
        case .moment(let moment): ["moment": .int(moment.milliseconds)]
        }
    }

    private static func value(_ json: JSONValue) -> FilterValue? {
        if json.isNull { return .null }
        if let flag = json.bool { return .flag(flag) }
        if let digits = json.number { return Double(digits).map { .number($0) } }
        if let text = json.string { return .text(text) }
        if let id = json["id"]?.string { return GUID(id).map { .id($0) } }
        return json["moment"]?.int.map { .moment(Timestamp(milliseconds: Int64($0))) }
    }

    private static func bytes(_ digits: Substring) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
