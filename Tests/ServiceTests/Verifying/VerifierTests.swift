import Configuration
import OnewayCore
import Store
import Testing

@testable import Applying
@testable import Coordination
@testable import Forwarding
@testable import Sandbox
@testable import Verifying
@testable import oneway

/// The job around the comparison: restarts, budget, repair, and what is going on meanwhile.
@Suite struct VerifierTests {
    private static func rename(_ rig: VerifyingRig, _ count: Int) async throws -> [String] {
        let some = try await rig.items(.opportunity).prefix(count).map(\.key.text)
        for id in some { try await rig.write(.opportunity, ["externalOpportunityId": .string(id), "name": "Changed"]) }
        return some.map { "different opportunity \($0) name" }.sorted()
    }

    @Test func aRestartContinuesWithoutDoubles() async throws {
        try await VerifyingRig.run(opportunities: 120) { rig in
            try await rig.filled()
            let planted = try await Self.rename(rig, 3)
            await rig.verifier.stop()
            var job = try #require(
                try await Verification.begin(Verification.Work(), in: rig.store, now: TimeSource.systemNow())
            )
            #expect(try await rig.another.step(&job))
            #expect(try await rig.another.step(&job))
            #expect(job.count(.done) == Verifier.opportunitiesPerStep)
            // Cut off after its findings were written, and before the job was.
            let stray: [JSON] = [["what": "missing"]]
            let leader = rig.another.store
            #expect(try await FindingsBook(.verify).add(stray, after: job.kept, in: leader) == job.kept + 1)
            _ = try await rig.another.workOff()
            let ended = try await rig.ended()
            #expect(ended["state"]?.string == "done")
            #expect(try await rig.findings() == planted)
        }
    }

    @Test func repairSendsWhatDiffersAgain() async throws {
        try await VerifyingRig.run { rig in
            try await rig.filled()
            let planted = try await Self.rename(rig, 2)
            let job = try await rig.verification(Verification.Work(isRepairing: true))
            #expect(try await rig.findings() == planted && job["result"]?["sentAgain"]?.int == 2)
            try await rig.settled()
            _ = try await rig.verification()
            #expect(try await rig.findings() == [])
        }
    }

    @Test func oneIsComparedAtOnce() async throws {
        try await VerifyingRig.run { rig in
            try await rig.filled()
            let planted = try await Self.rename(rig, 1)
            let id = try #require(GUID(planted[0].split(separator: " ")[2].description))
            let answer = try #require(try await rig.verifier.verify(id, repairs: false))
            let items = try JSONDocument(answer.encoded).root["items"]?.elements ?? []
            #expect(items.map(VerifyingRig.line) == planted)
            #expect(CompareText.csv(items).count == 2)
            #expect(try await rig.verifier.verify(GUID(high: 9, low: 9), repairs: false) == nil)
        }
    }

    @Test func itsShareOfTheDayIsNotExceededAndItCanBeEnded() async throws {
        try await VerifyingRig.run(opportunities: 120, { $0.marketo.callsPerDay = 300 }) { rig in
            try await rig.filled()
            let work = Verification.Work(share: 1)
            let begun = try #require(
                try await Verification.begin(work, in: rig.store, now: TimeSource.systemNow())
            )
            #expect(try await Verification.begin(work, in: rig.store, now: TimeSource.systemNow()) == nil)
            try await rig.until("held") {
                try await Verification.latest(in: rig.store)?.job.message?.contains("its share of today's") == true
            }
            // The survey has a share of its own.
            _ = try #require(try await Adoption.begin(in: rig.store, now: TimeSource.systemNow()))
            try await rig.until("surveyed") { try await Adoption.latest(in: rig.store)?.isRunning == false }
            #expect(try await Adoption.latest(in: rig.store)?.job.state == .done)
            #expect(try await Verification.latest(in: rig.store)?.isRunning == true, "held until tomorrow")
            try await begun.cancel(in: rig.store)
            #expect(try await rig.ended()["state"]?.string == "cancelled")
            #expect(try await rig.store.order(to: begun.job.key) == nil, "nothing can be ordered of what has ended")
        }
    }

    /// Companies are compared beside them, and do not make them fewer.
    @Test func aSampleOfAllIsAll() async throws {
        try await VerifyingRig.run(opportunities: 40) { rig in
            try await rig.filled()
            let all = try #require(try await rig.verification()["result"]?["compared"]?.int)
            let work = Verification.Work(sample: try await rig.verifier.count(.opportunity))
            #expect(try await rig.verification(work)["result"]?["compared"]?.int == all)
        }
    }

    @Test func allThatDecidesAboutAnOpportunityIsOneSet() async throws {
        try await VerifyingRig.run({ $0.marketo.salesPersons = true }) { rig in
            try await rig.filled()
            let (id, projector) = (Company.opportunity(1), rig.verifier.projector)
            let all = try await projector.dependencies(of: [id], given: [])
            #expect(all.contains(RecordKey(.opportunity, id)))
            #expect(all.contains(RecordKey(.systemUser, Company.salesPerson)))
            #expect(try await projector.dependencies(of: id) == all.sorted())
        }
    }

    /// Without Dynamics, what Oneway was told counts; what is on its way is no difference.
    @Test func changesMeanwhileAreNoDifferences() async throws {
        try await VerifyingRig.run(isConnected: false) { rig in
            try await rig.filled()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<40 {
                        let id = Company.opportunity(1 + number % 4)
                        try await rig.dataverse.update("opportunity", id, ["name": .text("Name \(number)")])
                        try await rig.store.ask(
                            [RecordKey(.opportunity, id): .refresh],
                            now: TimeSource.systemNow().adding(seconds: -1)
                        )
                    }
                }
                for _ in 0..<4 {
                    _ = try await rig.verification()
                    #expect(try await rig.findings() == [])
                }
                try await group.waitForAll()
            }
            try await rig.settled()
            #expect(try await rig.verification()["result"]?["pending"]?.int == 0)
        }
    }

    @Test func onlySomeAreKeptAndCutOffOnesAreOverwritten() async throws {
        let store = MemoryStore()
        let (leader, book) = (try await store.lead(), FindingsBook(.verify))
        let many = (0..<250).map { JSON.object([.init("number", .int($0)), .init("what", "missing")]) }
        #expect(try await book.add(many, after: 0, in: leader) == 250)
        #expect(try await book.add(Array(many[120..<130]), after: 120, in: leader) == 130)
        let found = try await book.findings(after: 98, count: 130, limit: 50, in: leader)
        #expect(found.map(\.number) == Array(99..<130))
        #expect(found.compactMap { $0.finding["number"]?.int } == Array(99..<130))
        let most = Array(repeating: many[0], count: 300)
        #expect(try await book.add(most, after: FindingsBook.keptMax - 100, in: leader) == FindingsBook.keptMax)
        for place in [
            .opportunities(after: nil), .opportunities(after: GUID(high: 1, low: 2)), .untold(next: "https://x/y z"),
            .companies(after: DeliveryKey(.company, "a b")), .companies(after: nil), .untold(next: nil),
        ] as [Verification.Place] {
            #expect(Verification.Place(place.text) == place)
        }
    }
}
