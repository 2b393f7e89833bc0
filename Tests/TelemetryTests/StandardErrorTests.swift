import Foundation
import TestSupport
import Testing

@testable import Telemetry

@Suite struct StandardErrorTests {
    /// Through a real pipe: many writers, and every line is complete.
    @Test func linesOfManyThreadsDoNotMix() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        async let bytes = read(pipe)
        let log = Log(level: .info, format: .json, sink: { Log.write($0, to: descriptor) })
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    let long = LogValue.text(String(repeating: "\(thread)", count: 900))
                    for _ in 0..<100 { log.info("whole", [.reason: long, .error: long, .path: long]) }
                }
            }
        }
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: await bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 800)
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let reason = object?["reason"] as? String
            #expect(reason?.utf8.count == 900 && Set(reason ?? "").count == 1)
        }
    }

    /// Without a descriptor or a reader only that line is lost; the next one is written as usual.
    @Test func aClosedEndLosesTheLineAndNothingElse() async throws {
        let closed = Pipe()
        try closed.fileHandleForReading.close()
        let pipe = Pipe()
        async let bytes = read(pipe)
        signal(SIGPIPE, SIG_IGN)
        for descriptor in [-1, closed.fileHandleForWriting.fileDescriptor, pipe.fileHandleForWriting.fileDescriptor] {
            Log.write(Array("a line\n".utf8), to: descriptor)
        }
        try pipe.fileHandleForWriting.close()
        #expect(String(decoding: await bytes, as: UTF8.self) == "a line\n")
    }

    /// On its own thread, because reading blocks.
    private func read(_ pipe: Pipe) async -> Data {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: Data(Program.all(from: pipe.fileHandleForReading.fileDescriptor))) }
                .start()
        }
    }
}
