/// Rows that fit the screen: the widest columns are shortened, and cut text ends with "…". Columns that the next
/// command needs are never shortened; a terminal then wraps the line.
struct Table {
    let header: [String]
    private let whole: Set<String>
    private(set) var rows: [[String]] = []
    /// By row: a line beneath it that is never cut.
    private var beneath: [Int: String] = [:]

    init(_ header: String..., whole: Set<String> = []) {
        self.header = header
        self.whole = whole
    }

    mutating func add(_ row: String..., beneath: String? = nil) {
        self.beneath[rows.count] = beneath?.printable
        rows.append(row.map(\.printable))
    }

    static let gap = 2
    static let columnWidthMin = 8
    /// Their words have a colour.
    private static let states: Set = ["STATE", "OUTCOME"]

    /// - Parameter inset: How far the caller moves the lines to the right.
    func lines(on screen: Screen, inset: Int = 0) -> [String] {
        if rows.isEmpty { return [] }
        let widths = fitted(to: screen.width - inset)
        let title = header.allSatisfy(\.isEmpty) ? [] : [line(header, widths) { Paint.bold($0, on: screen) }]
        return title
            + rows.enumerated().flatMap { number, row in
                [line(row, widths, states: screen)] + (beneath[number].map { ["  \($0)"] } ?? [])
            }
    }

    private func line(_ row: [String], _ widths: [Int], states screen: Screen) -> String {
        let column = header.firstIndex(where: Self.states.contains)
        let paint = column.flatMap { Paint(state: row[$0]) }
        return line(row, widths) { cell, place in
            place == column ? paint.map { $0(cell, on: screen) } ?? cell : cell
        }
    }

    private func line(_ row: [String], _ widths: [Int], _ paint: (String) -> String) -> String {
        line(row, widths) { cell, _ in paint(cell) }
    }

    /// Colours come after the widths, which they would spoil.
    private func line(_ row: [String], _ widths: [Int], _ paint: (String, Int) -> String) -> String {
        var (line, gap) = ("", 0)
        for (place, cell) in row.enumerated() where widths[place] > 0 {
            let cell = cell.cut(to: widths[place])
            if !cell.isEmpty { line += String(repeating: " ", count: gap) + paint(cell, place) }
            gap = (cell.isEmpty ? gap : 0) + widths[place] - cell.count + Self.gap
        }
        return line
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
