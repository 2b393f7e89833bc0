import OnewayCore
import Testing

@testable import Store

/// Records that Dynamics is asked for, in every store.
@Suite struct QuestionTests {
    private static func contact(_ number: Int) -> RecordKey { RecordKey(.contact, .sample(number)) }

    @Test(arguments: StoreKind.allCases)
    func areAskedOnceAnsweredAndForgotten(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply(now: 10) { $0.questions = [Self.contact(2): .unknown, Self.contact(1): .cut] }
            try await store.ask([Self.contact(3): .refresh, RecordKey(.account, .sample(1)): .refresh], now: 5)
            let open = try await store.openQuestions(of: .contact, limit: 9)
            #expect(open.map(\.key) == [Self.contact(3), Self.contact(1), Self.contact(2)], "by when they are due")
            #expect(try await store.openQuestions(of: .contact, limit: 1) == [open[0]])
            #expect(try await store.status().questions == 4)

            try await store.apply(now: 20) {
                $0.answers = [
                    QuestionAnswer(Self.contact(1), says: "read"),
                    QuestionAnswer(Self.contact(2), says: "later", nextAt: 99),
                ]
            }
            let kept = try await store.questions([Self.contact(1), Self.contact(2), Self.contact(9)])
                .sorted { $0.key < $1.key }
            #expect(kept.map(\.answer) == ["read", "later"] && kept.map(\.nextAt) == [nil, 99])
            #expect(kept.map(\.askedAt) == [20, 20] && kept.map(\.reason) == [.cut, .unknown])
            #expect(try await store.status().questions == 3)

            var erasure = Erasure(basis: try await store.mirrorVersion())
            erasure.removed = [Self.contact(1), Self.contact(2)]
            _ = try await store.leader.erase(erasure, now: 2)
            #expect(try await store.questions([Self.contact(1), Self.contact(2)]) == [])
            #expect(try await store.status().questions == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func anOutdatedStepAsksNothing(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            await #expect(throws: StoreError.self) {
                var application = Application(basis: MirrorVersion(number: 99))
                application.questions = [Self.contact(1): .unknown]
                try await store.leader.apply(application, now: 1)
            }
            let open = try await store.openQuestions(of: .contact, limit: 9)
            #expect(open == [])
        }
    }
}
