import Foundation
public import OnewayCore
import Testing

@testable import Store

/// Every store that must behave alike.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite

    var testDescription: String { rawValue }
}

/// A folder of its own for one test, and the stores opened in it.
final class Fixture: Sendable {
    let kind: StoreKind
    let folder: URL
    let limits: StoreLimits

    init(_ kind: StoreKind, limits: StoreLimits) throws {
        self.kind = kind
        self.limits = limits
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    var path: String { folder.appendingPathComponent("oneway.db").path }

    func open() throws -> SQLiteStore { try SQLiteStore(path: path, limits: limits) }
}

func withFixture(
    _ kind: StoreKind,
    limits: StoreLimits = .forTests,
    _ body: (Fixture) async throws -> Void
) async throws {
    let fixture = try Fixture(kind, limits: limits)
    defer { try? FileManager.default.removeItem(at: fixture.folder) }
    try await body(fixture)
}

func withStore(
    _ kind: StoreKind,
    limits: StoreLimits = .forTests,
    _ body: (any Store) async throws -> Void
) async throws {
    try await withFixture(kind, limits: limits) { fixture in
        let store = try fixture.open()
        try await body(store)
        await store.close()
    }
}

extension Timestamp: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(milliseconds: value) }
}

extension StoreLimits {
    static var forTests: StoreLimits { StoreLimits(diskFreeBytesMin: 0) }
}

extension InboxEntry {
    static func sample(
        _ number: Int,
        _ outcome: Outcome = .accepted,
        opportunity: GUID? = nil,
        body: String? = nil
    ) -> InboxEntry {
        InboxEntry(
            identity: Array("identity \(number)".utf8),
            outcome: outcome,
            message: "Update",
            entity: "opportunity",
            record: opportunity,
            opportunity: opportunity,
            body: Array((body ?? "{\"number\":\(number)}").utf8)
        )
    }
}

extension Store {
    func store(_ entry: InboxEntry, now: Timestamp = 1_000) async throws -> InboxID {
        guard case .stored(let id) = try await append(entry, now: now) else {
            throw StoreError(.invalid, "was there before")
        }
        return id
    }
}
