import Applying
import Configuration
import OnewayCore
import Store

/// `oneway changes`: what another configuration would change in Marketo. The service may run meanwhile.
enum Changes {
    struct Options: Equatable {
        /// The other configuration.
        var configuration: String?
        /// The configuration whose store is read, if it is a different one.
        var storeOf: String?
        var isJSON = false
    }

    static func run(_ options: Options) async -> Int32 {
        do {
            let settings = try Settings.source(options.configuration).read(toServe: false).configuration
            let old = try options.storeOf.map { try Settings.source($0).read(toServe: false).configuration }
            let store = try StoreFile.open(old?.store ?? settings.store)
            try await report(MappingChanges(settings, store: store), options.isJSON, .standardOutput) { print($0) }
            await store.close()
            return 0
        } catch {
            return Terminal.complain(error)
        }
    }

    /// Prints changes one by one, because there may be a hundred thousand. For people the summary comes first, so the
    /// store is read twice.
    static func report(
        _ changes: MappingChanges,
        _ isJSON: Bool,
        _ screen: Screen,
        print: (String) -> Void
    ) async throws {
        var summary = ChangeSummary()
        if isJSON {
            print(#"{"changes":["#)
            let unknown = try await changes.each { change in
                let json = String(decoding: change.json.encoded, as: UTF8.self).printableJSON
                print((summary.total == 0 ? "" : ",") + json)
                summary.add(change)
            }
            let groups = String(decoding: JSON.array(summary.groups.map(\.json)).encoded, as: UTF8.self).printableJSON
            return print(#"],"total":\#(summary.total),"unknown":\#(unknown),"groups":\#(groups)}"#)
        }
        let unknown = try await changes.each { summary.add($0) }
        print(ChangeText.summary(summary, screen).joined(separator: "\n"))
        print(
            unknown == 0
                ? "every selected value of every opportunity is known"
                : "\(counted(unknown, "selected value that is", "selected values that are")) not known yet"
                    + " \(unknown == 1 ? "is" : "are") left out; oneway replay reads kept notifications again"
        )
        if summary.total == 0 { return }
        _ = try await changes.each { change in
            guard let root = try? JSONDocument(change.json.encoded).root else { return }
            print("\n" + ChangeText.lines(of: root, screen).joined(separator: "\n"))
        }
    }
}

extension Changes.Options {
    init(_ given: Arguments) throws(UsageError) {
        self.init(configuration: given["--config"], storeOf: given["--store-of"], isJSON: given.has("--json"))
        if configuration == nil {
            throw UsageError(says: "`oneway changes` needs --config with the other configuration.")
        }
    }
}

/// The store's file, for reading.
enum StoreFile {
    static func open(_ store: Configuration.Store) throws(Failed) -> SQLiteStore {
        guard case .sqlite(let path) = store else {
            throw Failed(says: "Only a store in a file (sqlite:PATH) can be read beside the service.")
        }
        do throws(StoreError) { return try SQLiteStore(reading: path) } catch {
            let remedy =
                switch error.kind {
                case .olderSchema:
                    "Start this version's `oneway serve` with it once, which upgrades it; until then, ask the running version."
                case .newerSchema: "Use the `oneway` of the version that wrote it."
                default: "Has `oneway serve` run with it?"
                }
            throw Failed(says: "The store \(path) cannot be read (\(error)). \(remedy)")
        }
    }
}
