import Configuration
import OnewayCore
import Telemetry
import Testing

@testable import Admin
@testable import Forwarding
@testable import Sandbox

/// How many people of a sample Marketo lacks, before anything is sent.
@Suite struct LeadSampleTests {
    @Test func itIsOneCallThatIsCounted() async throws {
        try await ForwardingRig.run({ $0.marketo.lead.field = "email" }, options: .unlimited) { rig in
            _ = rig.marketo.seedLead(["email": .string("a@b.example")])
            let people = ["a@b.example", "A@b.example", "nobody@b.example"]
            #expect(await rig.forwarding.sample(people) == LeadSample(asked: 3, missing: 1))
            #expect(rig.calls("leads").count == 1)
            #expect(rig.metrics.registry.text.contains(#"oneway_marketo_call_seconds_count{call="leads.find"} 1"#))
        }
    }

    @Test func itIsNotMadeWhileSendingIsPausedOrForNobody() async throws {
        try await ForwardingRig.run(options: .unlimited) { rig in
            #expect(await rig.forwarding.sample([]) == nil)
            try await rig.setPaused(true)
            #expect(await rig.forwarding.sample(["a"]) == nil)
            #expect(rig.calls("leads").isEmpty)
        }
    }
}
