/// "Did you mean": the known word that is likely meant by an unknown one.
enum Nearest {
    /// Nil where none is near: at most a third of the letters are wrong, and never more than three.
    static func word(to given: String, among known: some Sequence<String>) -> String? {
        let most = min(3, max(1, given.count / 3))
        let near = known.map { (word: $0, distance: distance(Array(given), Array($0))) }
            .filter { $0.distance <= most }
        return near.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    /// ` Did you mean X?`, or nothing.
    static func question(_ given: String, among known: some Sequence<String>) -> String {
        word(to: given, among: known).map { " Did you mean \(quoted($0))?" } ?? ""
    }

    /// The number of letters to insert, remove, replace, or swap with the next.
    static func distance(_ one: [Character], _ other: [Character]) -> Int {
        // A command line may be long, and no known word is.
        if abs(one.count - other.count) > 3 { return .max }
        var (last, row) = ([Int](), Array(0...other.count))
        for (i, letter) in one.enumerated() {
            var next = [i + 1]
            for (j, against) in other.enumerated() {
                var best = min(row[j + 1] + 1, next[j] + 1, row[j] + (letter == against ? 0 : 1))
                if i > 0, j > 0, letter == other[j - 1], one[i - 1] == against { best = min(best, last[j - 1] + 1) }
                next.append(best)
            }
            (last, row) = (row, next)
        }
        return row[other.count]
    }
}
