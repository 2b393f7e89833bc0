import Testing
import Threads

@testable import Coordination

@Suite struct LifecycleTests {
    /// Records the calls that it receives.
    final class Part: Running {
        let name: String
        let story: Locked<[String]>
        let stopped = AsyncStream<Void>.makeStream()
        let failure: Failure?

        struct Failure: Error, Equatable {}

        init(_ name: String, _ story: Locked<[String]>, failure: Failure? = nil) {
            self.name = name
            self.story = story
            self.failure = failure
        }

        func run() async throws {
            if let failure { throw failure }
            for await _ in stopped.stream {}
            story.withLock { $0.append("\(name) ended") }
        }

        func stop() async {
            story.withLock { $0.append("\(name) told") }
            stopped.continuation.finish()
        }
    }

    @Test func partsStopInReverse() async throws {
        let story = Locked<[String]>([])
        try await Lifecycle(parts: [Part("store", story), Part("listener", story)]).run {}
        let told = story.withLock { $0.filter { $0.hasSuffix("told") } }
        #expect(told == ["listener told", "store told"])
        #expect(story.withLock { $0.count } == 4)
    }

    @Test func aFailingPartStopsTheOthersAndIsReported() async {
        let story = Locked<[String]>([])
        await #expect(throws: Part.Failure()) {
            try await Lifecycle(parts: [Part("a", story), Part("b", story, failure: .init())]).run {
                try? await Task.sleep(for: .seconds(3600))
            }
        }
        #expect(story.withLock { $0.contains("a ended") })
    }
}
