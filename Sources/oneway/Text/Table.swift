/// Rows that fit the screen: the widest columns are shortened, and cut text ends with "…". Columns that the next
/// command needs are never shortened; a terminal then wraps the line.
struct Table {
    let header: [String]
    private let whole: Set<String>
    private(set) var rows: [[String]] = []

    init(_ header: String..., whole: Set<String> = []) {
        self.header = header
        self.whole = whole
    }

    mutating func add(_ row: String...) { rows.append(row.map(\.printable)) }

    static let gap = 2
    static let columnWidthMin = 8

    func lines(width: Int) -> [String] {
        if rows.isEmpty { return [] }
        let all = header.allSatisfy(\.isEmpty) ? rows : [header] + rows
        let widths = fitted(to: width)
        return all.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) where width > 0 {
                line += cell.cut(to: width).padded(to: width + Self.gap)
            }
            return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
        }
    }

    /// A column that is empty in every row is left out.
    private var natural: [Int] {
        header.indices.map { column in
            let widest = rows.map { $0[column].count }.max() ?? 0
            return widest == 0 ? 0 : max(widest, header[column].count)
        }
    }

    private func fitted(to width: Int) -> [Int] {
        var widths = natural
        let yielding = header.indices.filter { !whole.contains(header[$0]) }
        let gaps = Self.gap * max(0, widths.count { $0 > 0 } - 1)
        while widths.reduce(gaps, +) > width {
            guard let widest = yielding.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.columnWidthMin
            else { break }
            widths[widest] -= 1
        }
        return widths
    }
}
