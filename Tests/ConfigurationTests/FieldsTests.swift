import Testing

@testable import Configuration

@Suite struct FieldsTests {
    @Test func everyConversionIsRead() throws {
        let read = try configuration(
            """
            fields:
              name: name
              a: { field: fa }
              b: { field: fb, as: text }
              c: { field: fc, as: money }
              d: { field: fd, as: choice }
              e: { field: fe, as: choice, labels: { 100000000: North, -1: no } }
              f: { field: ff, as: choices, labels: { 1: One }, separator: ", " }
              g: { field: fg, as: choices }
              h: { field: fh, as: yesno }
              i: { field: fi, as: date }
              j: { field: fj, as: datetime }
              k: { field: fk, as: lookup }
              l: { field: fl, as: lookup, by: name }
              m: { field: fm, as: whole }
              n: { field: fn, as: decimal }
            """
        )
        let expected: [(String, FieldMapping.Conversion?)] = [
            ("a", nil), ("b", .text), ("c", .money), ("d", .choice(labels: [:])),
            ("e", .choice(labels: [100_000_000: "North", -1: "no"])),
            ("f", .choices(labels: [1: "One"], separator: ", ")),
            ("g", .choices(labels: [:], separator: ";")), ("h", .yesNo), ("i", .date), ("j", .dateTime),
            ("k", .lookup(by: .id)), ("l", .lookup(by: .name)), ("m", .whole), ("n", .decimal),
        ]
        let mappings = expected.map { FieldMapping(column: $0.0, field: "f\($0.0)", conversion: $0.1) }
        #expect(read.fields == [FieldMapping(column: "name", field: "name")] + mappings)
        #expect(try configuration("fields: null").fields == nil)
        #expect(try configuration("fields: {}").fields == [])
    }

    @Test(arguments: [
        ("Name: name", "f:2:3: fields: expected a column's logical name, such as new_region, found text"),
        ("1st: name", "f:2:3: fields: expected a column's logical name, such as new_region, found text"),
        ("name: na me", "f:2:9: fields: expected a Marketo field's API name, such as closeDate, found text"),
        ("name: [name]", "f:2:9: fields: expected a Marketo field's API name, such as closeDate, found a list"),
        ("name:", "f:2:8: fields: expected a Marketo field's API name, such as closeDate, found nothing"),
        ("name: { as: text }", "f:2:3: fields: the key field is missing"),
        ("name: { field: [] }", "f:2:18: fields: expected a Marketo field's API name, such as closeDate, found a list"),
        (
            "name: { field: a, as: number }",
            "f:2:25: fields: expected one of text, money, choice, choices, yesno, date, datetime, lookup, whole, decimal, found text"
        ),
        ("name: { field: a, as: text, labels: {} }", "f:2:31: fields: labels has no meaning in this mapping"),
        ("name: { field: a, labels: {} }", "f:2:21: fields: labels has no meaning in this mapping"),
        ("name: { field: a, as: choice, separator: x }", "f:2:33: fields: separator has no meaning in this mapping"),
        ("name: { field: a, as: choice, labels: { x: y } }", "f:2:43: fields: expected a choice's number, found text"),
        (
            "name: { field: a, as: choice, labels: { 3000000000: y } }",
            "f:2:43: fields: expected a choice's number, found a number"
        ),
        ("name: { field: a, as: choice, labels: { 1: x, +1: y } }", "f:2:49: fields: the same name is given twice"),
        (
            "name: { field: a, as: choices, separator: '' }",
            "f:2:45: fields: expected a separator of 1 to 10 characters, found empty text"
        ),
        ("name: { field: a, as: lookup, by: mail }", "f:2:37: fields: expected one of id, name, found text"),
        ("a: name\n  b: name", "f:3:3: fields: the Marketo field name is filled twice"),
    ])
    func eachProblemIsReportedWithItsPlace(line: String, says: String) {
        #expect(problems("fields:\n  \(line)") == [says])
    }

    @Test func thereAreNotTooMany() {
        func fields(_ count: Int) -> String {
            "fields:\n" + (0..<count).map { "  c\($0): f\($0)\n" }.joined()
        }
        #expect(problems(fields(500)) == [])
        #expect(problems(fields(501)).count == 1)
    }
}
