extension String {
    /// The ids of Dynamics records in this text, as `GUID` writes them.
    public var ids: [GUID] { places.map(\.id) }

    /// This text, with a name behind each id that has one: `1f6b... (Blue Ltd)`.
    public func naming(_ names: [GUID: String]) -> String {
        if names.isEmpty { return self }
        var (text, end) = ("", startIndex)
        for place in places {
            guard let name = names[place.id] else { continue }
            text += self[end..<place.end] + " (\(name))"
            end = place.end
        }
        return text + self[end...]
    }

    private var places: [(id: GUID, end: Index)] {
        var (places, index) = ([(id: GUID, end: Index)](), utf8.startIndex)
        while let end = utf8.index(index, offsetBy: Self.idLength, limitedBy: utf8.endIndex) {
            // The first dash is there in few places, so most are passed quickly.
            if utf8[utf8.index(index, offsetBy: 8)] == UInt8(ascii: "-"), let id = GUID(String(self[index..<end])) {
                places.append((id, end))
                index = end
            } else {
                index = utf8.index(after: index)
            }
        }
        return places
    }

    private static let idLength = 36
}
