extension Schema {
    /// Returns the names that a section may contain directly, in the schema's order.
    static func names(in section: String) -> [String] {
        let prefix = section.isEmpty ? "" : section + "."
        var names: [String] = []
        for key in keys where key.name.hasPrefix(prefix) {
            let name = String(key.name.dropFirst(prefix.count).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}

/// Returns "; did you mean ...?" if a known name is close to the unknown one, otherwise nothing.
func meant(_ name: String, _ known: [String]) -> String {
    guard name.utf8.count <= 100 else { return "" }
    let near = known.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
        .min { $0.distance < $1.distance }
    guard let near, near.distance <= min(3, (name.count + 2) / 3) else { return "" }
    return "; did you mean \(near.name)?"
}

/// Returns the number of characters to change, add, or remove (Levenshtein).
private func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (above, character) in left.enumerated() {
        var diagonal = row[0]
        row[0] = above + 1
        for column in right.indices {
            let change = diagonal + (character == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(change, diagonal + 1, row[column] + 1)
        }
    }
    return row[right.count]
}
