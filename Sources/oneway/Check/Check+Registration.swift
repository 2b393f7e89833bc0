import Configuration
import OnewayCore
import Reading
import Store

// The steps to register in Dynamics for this configuration, and whether the stage that it sends is of use.
extension Check {
    static let registration: Section = { settings, _ in
        let steps = RuleBook(RuleSettings(settings)).registration
        let says = "\(steps.count) steps in Dynamics send all that this configuration reads: oneway register"
        return [.passes("steps", says)]
    }

    /// `oneway check --steps`: for registering by hand.
    static func steps(_ options: Options, of source: ConfigurationSource) -> Int32 {
        let settings: Configuration
        do throws(Problems) { settings = try source.read(toServe: false).configuration } catch {
            Settings.complain(error)
            return 2
        }
        let steps = RuleBook(RuleSettings(settings)).registration
        if options.isJSON {
            let json: JSON = ["steps": .array(steps.map(\.json))]
            Terminal.print(json: json.encoded)
        } else {
            print(text(steps))
        }
        return 0
    }

    static func text(_ steps: [RegisteredStep]) -> String {
        steps.map { step in
            var lines = ["\(step.message) of \(step.entity.rawValue)"]
            if !step.filter.isEmpty { lines.append("  filtering attributes  \(step.filter.joined(separator: ","))") }
            if let image = step.image {
                lines.append("  \(image.kind.rawValue)-image".padded(to: 24) + image.columns.joined(separator: ","))
            }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

extension Check {
    /// Newer versions of Dynamics keep the stage of a process elsewhere, and `stepname` then no longer changes.
    static let stage: Section = { settings, _ in
        let fields = RuleSettings(settings).fields ?? SelectedField.byDefault
        guard let column = fields.first(where: { $0.field == "stage" })?.column else { return [] }
        do throws(StoreError) {
            guard let store = try StoredData.existing(settings.store) else { return [] }
            let values = try await values(of: column, in: store)
            await store.close()
            return stage(column, values)
        } catch {
            // The store's own line says why.
            return []
        }
    }

    static let (opportunitiesRead, opportunitiesEnough, percentTooMuch) = (2_000, 20, 95)

    private static func values(of column: String, in store: any Store) async throws(StoreError) -> [Value: Int] {
        var (counts, last, read) = ([Value: Int](), GUID?.none, 0)
        while read < opportunitiesRead {
            let page = try await store.records(of: .opportunity, after: last, limit: 500)
            for record in page {
                if let value = record[column], !value.isNull { counts[value, default: 0] += 1 }
            }
            read += page.count
            guard page.count == 500 else { break }
            last = page.last?.key.id
        }
        return counts
    }

    static func stage(_ column: String, _ values: [Value: Int]) -> [CheckLine] {
        let all = values.values.reduce(0, +)
        guard all >= opportunitiesEnough, let most = values.values.max() else { return [] }
        guard most * 100 >= all * percentTooMuch else {
            let says = "\(column) has \(Wording.count(values.count, "value")) in \(Wording.number(all)) opportunities"
            return [.passes("stage", says)]
        }
        let share = "\(Wording.number(most)) of \(Wording.number(all)) opportunities"
        let says = "\(share) have the same \(column): Marketo's stage says little"
        let remedy = "newer Dynamics may no longer write it: select another column for stage (docs/rules.md, Stage)"
        return [.warns("stage", says, remedy: remedy)]
    }
}
