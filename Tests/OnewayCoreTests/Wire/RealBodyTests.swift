import Foundation
import Testing

@testable import OnewayCore

/// Bodies captured from real organisations, if a folder of them is available. None are part of the project.
@Suite struct RealBodyTests {
    static let folder = ProcessInfo.processInfo.environment["ONEWAY_REAL_BODIES"].map { URL(fileURLWithPath: $0) }
    static let names: [String] =
        folder.map { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".json") }
                .sorted()
        } ?? []

    @Test(.enabled(if: !names.isEmpty), arguments: names) func eachIsReadOrIgnored(_ name: String) throws {
        let file = try #require(Self.folder).appendingPathComponent(name)
        let body = [UInt8](try Data(contentsOf: file))
        let notification = try OnewayCore.DynamicsNotification.decode(body, selection: .everything)
        #expect(notification.ignored != nil || !notification.changes.isEmpty)
        for record in notification.facts(receivedAt: Timestamp(second: 0)) {
            #expect(try MirrorRecord(decoding: record.encoded()) == record)
        }
    }
}
