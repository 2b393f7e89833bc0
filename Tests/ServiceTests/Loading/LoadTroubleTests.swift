import DataverseClient
import OnewayCore
import Sandbox
import Store
import Testing

@testable import Coordination
@testable import Loading

/// What comes between a load and its end.
@Suite(.serialized) struct LoadTroubleTests {
    /// A pause that Dynamics asks for does not hold up the end of the service, and a restart continues where it was.
    @Test func aThrottledLoadWaitsAndARestartContinuesIt() async throws {
        let store = MemoryStore()
        let first = SandboxDataverse(send: { _ in 202 })
        first.grow(opportunities: 200)
        first.add(DataverseFault(.error(code: "0x80072322"), path: "connections", times: nil))
        try await LoadingRig.run(store, dataverse: first) { rig in
            try await rig.begin()
            try await rig.until("read") { $0.phase == .connections }
        }
        let stopped = try #require(try await LoadJob.latest(in: store))
        #expect(stopped.job.state == .running && stopped.read(.opportunity) == 210)
        let second = SandboxDataverse(send: { _ in 202 })
        second.grow(opportunities: 200)
        try await LoadingRig.run(store, dataverse: second) { rig in
            let load = try await rig.until("done") { $0.job.state == .done }
            #expect(load.read(.opportunity) == 210 && rig.reads("opportunities") == 0, "not read again")
            #expect(try await store.status().opportunitiesKnown == 210)
        }
    }

    /// A load that has read some of a table goes on from the page after.
    @Test func aMissingPrivilegeIsSaidAndTheLoadGoesOnAfterwards() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.set(missingPrivileges: ["prvReadConnection"])
            try await rig.begin()
            let waiting = try await rig.until("refused") { $0.job.message != nil }
            #expect(waiting.phase == .connections && waiting.job.message?.contains("connection") == true)
            #expect(waiting.job.state == .running)
            rig.dataverse.set(missingPrivileges: [])
            let done = try await rig.until("done") { $0.job.state == .done }
            #expect(done.job.message == nil && rig.reads("opportunities") == 1)
        }
    }

    @Test func whatWasReadBeforeACancellationIsPassedOn() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.grow(opportunities: 100)
            rig.dataverse.set(missingPrivileges: ["prvReadConnection"])
            try await rig.begin()
            let load = try await rig.until("refused") { $0.job.message != nil }
            try await rig.store.give(.cancel, to: load.job.key)
            try await rig.until("cancelled") { $0.job.state == .cancelled }
            #expect(try await rig.store.order(to: load.job.key) == nil)
            let applied = rig.store.signal(.jobs)
            while try await !rig.store.jobs(.sweep, .running, limit: 1).isEmpty {
                await applied.wait(
                    after: applied.count,
                    until: TimeSource.systemNow().adding(milliseconds: 50),
                    .system
                )
            }
            for id in rig.dataverse.ids("opportunity") {
                #expect(try await rig.store.outboxItem(DeliveryKey(.opportunity, "\(id)")) != nil)
            }
        }
    }

    @Test func aPausedLoadGoesOnWhereItWas() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.set(missingPrivileges: ["prvReadContact"])
            try await rig.begin()
            let load = try await rig.until("refused") { $0.phase == .contacts && $0.job.message != nil }
            try await rig.store.give(.pause, to: load.job.key)
            rig.dataverse.set(missingPrivileges: [])
            #expect(try await LoadJob.begin(LoadWork(), in: rig.store, now: TimeSource.systemNow()) == nil)
            try await rig.store.give(nil, to: load.job.key)
            try await rig.until("done") { $0.job.state == .done }
            #expect(rig.reads("opportunities") == 1)
        }
    }

    @Test func anOutageEndsByItself() async throws {
        try await LoadingRig.run { rig in
            rig.dataverse.add(DataverseFault(.cutBefore, times: 1))
            let load = try await rig.loaded()
            #expect(load.read(.opportunity) == 10)
        }
    }

    @Test func aPlanCostsFewRequestsAndComesTrue() async throws {
        try await LoadingRig.run { rig in
            var growth = Growth(opportunities: 400)
            growth.customersWhoAreContacts = 100
            rig.dataverse.grow(growth)
            let plan = try await rig.planner.plan(LoadWork()).get()
            let asked = rig.dataverse.measured.total
            #expect(asked <= 10 && !plan.people.isEmpty)
            #expect(plan.rows[.opportunity]?.rows == 410 && plan.rows[.connection]?.rows == 205)
            try await rig.loaded()
            let needed = rig.dataverse.measured.total - asked
            #expect(plan.requests <= needed && needed <= plan.requests + 6, "\(plan.requests) of \(needed)")
            let status = try await rig.store.status()
            for kind in RecordKind.allCases {
                let count = Int(status.outbox[kind]?.values.reduce(0, +) ?? 0)
                #expect(count <= 420, "\(kind) \(count)")
            }
            #expect(plan.calls >= 4 && plan.calls <= 8)
        }
    }
}
