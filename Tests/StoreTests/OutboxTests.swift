import OnewayCore
import Testing

@testable import Store

@Suite struct OutboxTests {
    let trouble = DeliveryTrouble(code: "1003", message: "no")

    @Test(arguments: StoreKind.allCases)
    func aDesiredRecordIsClaimedSentAndSettled(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(1, "one"), now: 5)
            #expect(try await store.nextDue(.opportunity) == 5)
            let items = try await store.claim(at: 10)
            #expect(items.map(\.state.desired) == [Array("one".utf8)])
            #expect(items.first?.state.reasons == [Reason(rule: "R1", says: "so")])
            #expect(items.first?.opportunity == .sample(1))
            try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: "r")) }, now: 20)
            let settled = try #require(try await store.outboxItem(DesiredRecord.sample(1, nil).key))
            #expect((settled.state.stage, settled.state.confirmed) == (.settled, Array("one".utf8)))
            #expect(settled.state.requestID == "r")
            #expect(try await store.nextDue(.opportunity) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func twoClaimersNeverHoldTheSame(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { $0.desired = (0..<100).map { .sample($0, "x") } }
            let claimed = try await withThrowingTaskGroup(of: [OutboxItem].self) { group in
                for _ in 0..<20 { group.addTask { try await store.claim(limit: 7, at: 2_000) } }
                return try await group.reduce(into: []) { $0 += $1.map(\.key) }
            }
            #expect(claimed.count == 100)
            #expect(Set(claimed).count == 100)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aClaimNobodyAnswersIsTakenByTheNextAndLateAnswersArePassedOver(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(1, "one"))
            let first = try await store.claim(at: 2_000)
            #expect(try await store.claim(at: 2_999).isEmpty)
            let second = try await store.claim(at: 3_000)
            #expect(second.map(\.state.claim) == [2])
            try await store.leader.settle(first.map { Settlement($0, .parked(trouble, requestID: nil)) }, now: 3_100)
            #expect(try await store.outboxItem(try #require(first.first).key)?.state.stage == .pending)
            try await store.leader.settle(second.map { Settlement($0, .confirmed(requestID: nil)) }, now: 3_200)
            #expect(try await store.outboxItem(try #require(first.first).key)?.state.stage == .settled)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theOldestGoFirstAndLiveOnesBeforeSlow(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var slow = DesiredRecord.sample(1, "x")
            slow.desired.lane = .slow
            try await store.desired(slow, now: 10)
            try await store.desired(.sample(3, "x"), now: 20)
            try await store.desired(.sample(2, "x"), now: 30)
            try await store.desired(.sample(4, "x", kind: .company), now: 1)
            let due = try await store.due(.opportunity, limit: 2, now: 2_000).map(\.opportunity)
            #expect(due == [.sample(3), .sample(2)])
            #expect(
                try await store.due(.opportunity, limit: 9, now: 25).map(\.opportunity) == [.sample(3), .sample(1)]
            )
            let order = try await store.claim(at: 2_000).map(\.opportunity)
            #expect(order == [.sample(3), .sample(2), .sample(1)])
            #expect(try await store.due(.opportunity, limit: 9, now: 2_000).isEmpty, "they are claimed")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatWaitsForARecordIsWokenByItsConfirmation(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let companies = (7..<10).map { DesiredRecord.sample($0, "company", kind: .company) }
            try await store.apply {
                $0.desired = companies + (0..<450).map { .sample($0, "x") }
            }
            let waiting = try await store.claim(limit: 500, at: 2_000).enumerated().map { index, item in
                // No record waits for the second company.
                let company = companies[index < 350 ? 0 : 2]
                return Settlement(item, .waits(for: .company, on: company.key, next: 90_000))
            }
            try await store.leader.settle(waiting, now: 2_100)
            #expect(try await store.claim(at: 3_000).isEmpty)
            #expect(try await store.status().outbox(.waiting) == 450)
            let sent = try await store.claim(.company, at: 3_000)
            try await store.leader.settle(sent.map { Settlement($0, .confirmed(requestID: nil)) }, now: 3_100)
            #expect(try await store.claim(limit: 500, at: 3_100).count == 450)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatWaitsForATimeIsDueThen(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(1, "x"), .sample(2, "y", heldFor: .name))
            let items = try await store.claim(at: 2_000)
            #expect(items.map(\.opportunity) == [.sample(1)], "what lacks its name is not sent")
            try await store.leader.settle(
                items.map { Settlement($0, .waits(for: .lead, on: nil, next: 5_000)) },
                now: 2_100
            )
            #expect(try await store.claim(at: 4_999).isEmpty)
            #expect(try await store.claim(at: 5_000).map(\.state.attempts) == [0])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatMarketoMissesIsSentAgain(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(1, "x"), .sample(2, "x"))
            let items = try await store.claim(at: 2_000)
            try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: nil)) }, now: 2_100)
            try await store.leader.doubt([items[0].key, DeliveryKey(.company, "nobody")], now: 3_000)
            #expect(try await store.claim(at: 3_000).map(\.key) == [items[0].key])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func parkedRowsAreRetriedByKeyCodeAndAltogether(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { $0.desired = (0..<5).map { .sample($0, "x") } }
            func park() async throws {
                let items = try await store.claim(at: 2_000)
                try await store.leader.settle(
                    items.enumerated().map { index, item in
                        let code = index == 0 ? "1006" : "1003"
                        return Settlement(item, .parked(DeliveryTrouble(code: code, message: "m"), requestID: nil))
                    },
                    now: 2_000
                )
            }
            try await park()
            #expect(try await store.retry(.key(DesiredRecord.sample(3, nil).key), now: 2_000) == 1)
            #expect(try await store.retry(.key(DeliveryKey(.role, "nobody")), now: 2_000) == 0)
            #expect(try await store.retry(.code("1006"), now: 2_000) == 1)
            #expect(try await store.retry(.code("9999"), now: 2_000) == 0)
            #expect(try await store.retry(.all, now: 2_000) == 3)
            #expect(try await store.retry(.all, now: 2_000) == 0)
            #expect(try await store.claim(at: 2_000).count == 5)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsSettledIsSentAgainByItsKeyAlone(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { $0.desired = (0..<2).map { .sample($0, "x") } }
            let items = try await store.claim(at: 2_000)
            try await store.leader.settle(items.map { Settlement($0, .confirmed(requestID: nil)) }, now: 2_000)
            #expect(try await store.retry(.all, now: 2_100) == 0)
            #expect(try await store.retry(.key(items[0].key), now: 2_100) == 1)
            #expect(try await store.claim(at: 2_100).map(\.key) == [items[0].key])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func retryingMoreThanOneStepHoldsFindsAll(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { $0.desired = (0..<450).map { .sample($0, "x") } }
            let items = try await store.claim(limit: 500, at: 2_000)
            try await store.leader.settle(items.map { Settlement($0, .parked(trouble, requestID: nil)) }, now: 2_000)
            #expect(try await store.retry(.code("1003"), now: 2_100) == 450)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func listsAreFilteredAndPaged(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { application in
                application.desired = (0..<4).flatMap { number in
                    RecordKind.allCases.map { .sample(number, "x", kind: $0) }
                }
            }
            let companies = try await store.claim(.company, at: 2_000)
            try await store.leader.settle(
                companies.map { Settlement($0, .parked(trouble, requestID: nil)) },
                now: 2_000
            )
            func count(_ filter: OutboxFilter) async throws -> Int {
                try await store.outbox(filter, after: nil, limit: 50).count
            }
            #expect(try await count(OutboxFilter()) == 20)
            #expect(try await count(OutboxFilter(stage: .parked)) == 4)
            #expect(try await count(OutboxFilter(stage: .pending, kind: .role)) == 4)
            #expect(try await count(OutboxFilter(stage: .parked, kind: .role)) == 0)
            #expect(try await count(OutboxFilter(kind: .opportunity)) == 4)
            for kind in [RecordKind.person, .salesPerson] { #expect(try await count(OutboxFilter(kind: kind)) == 4) }
            #expect(try await count(OutboxFilter(code: "1003")) == 4)
            #expect(try await count(OutboxFilter(stage: .pending, code: "1003")) == 0)
            #expect(try await count(OutboxFilter(opportunity: .sample(2))) == 2)
            #expect(try await count(OutboxFilter(kind: .role, opportunity: .sample(2))) == 1)
            var (keys, last) = ([DeliveryKey](), DeliveryKey?.none)
            while let page = Optional(try await store.outbox(OutboxFilter(), after: last, limit: 5)), !page.isEmpty {
                keys += page.map(\.key)
                last = keys.last
            }
            #expect(keys == keys.sorted() && Set(keys).count == 20)
        }
    }
}

@Suite struct LeadTests {
    @Test(arguments: StoreKind.allCases)
    func leadsAreRememberedAndForgotten(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (known, missing) = (
                RememberedLead("a", id: 7, askedAt: 5), RememberedLead("b", id: nil, askedAt: 6, misses: 2)
            )
            try await store.leader.remember([known, missing])
            #expect(try await store.leads(["a", "b", "c"]) == ["a": known, "b": missing])
            try await store.leader.remember([RememberedLead("b", id: 8, askedAt: 9)])
            #expect(try await store.leads(["b"])["b"]?.id == 8)
            try await store.leader.forgetLeads(["a", "c"])
            #expect(try await store.leads(["a", "b"]).keys.sorted() == ["b"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRoleKeepsTheLeadThatHasItUntilItIsGone(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.desired(.sample(1, "one"))
            let first = try await store.claim(at: 2_000)
            let remark = DeliveryTrouble(code: "1006", message: "without x")
            try await store.leader.settle(
                first.map { Settlement($0, .confirmed(requestID: "r", remark: remark, lead: 7)) },
                now: 3
            )
            let key = try #require(first.first).key
            #expect(try await store.outboxItem(key)?.state.lead == 7)
            #expect(
                try await store.outbox(OutboxFilter(code: "1006"), after: nil, limit: 9).map(\.state.stage) == [
                    .settled
                ]
            )
            #expect(try await store.retry(.code("1006"), now: 4_000) == 1, "once more, in full")
            let again = try await store.claim(at: 4_000)
            let unknown = DeliveryRetry(remark, next: 5_000, isCounted: false, isUnknown: true, lead: 8)
            try await store.leader.settle(again.map { Settlement($0, .again(unknown)) }, now: 4_500)
            #expect(try await store.outboxItem(key)?.state.lead == 8)
            try await store.desired(.sample(1, nil), now: 4_600)
            let last = try await store.claim(at: 5_000)
            try await store.leader.settle(last.map { Settlement($0, .confirmed(requestID: "r")) }, now: 5_100)
            #expect(try await store.outboxItem(key)?.state.lead == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func recordsInFlightAtTheEndOfARunAreInDoubtAndDueLater(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { $0.desired = [.sample(1, "x"), .sample(2, "x")] }
            #expect(try await store.claim(limit: 1, at: 2_000).count == 1)
            #expect(try await store.leader.releaseClaims(next: 9_000) == 1)
            #expect(try await store.leader.releaseClaims(next: 9_999) == 0)
            #expect(try await store.claim(at: 2_500).count == 1, "the other one")
            #expect(try await store.claim(at: 9_000).first?.state.isInDoubt == true)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatHappenedSinceItWasLookedAtIsNotWaitedFor(kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply { $0.desired = [.sample(1, "x"), .sample(2, "x")] }
            let items = try await store.claim(at: 2_000)
            try await store.leader.settle([Settlement(items[0], .confirmed(requestID: nil))], now: 2_100)
            try await store.leader.settle(
                [Settlement(items[1], .waits(for: .company, on: items[0].key, next: 99_000))],
                now: 2_200
            )
            #expect(try await store.outboxItem(items[1].key)?.state.stage == .pending)
        }
    }
}
