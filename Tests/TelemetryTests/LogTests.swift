import Foundation
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import Telemetry

/// Lines and time under the test's control.
final class Recorder: Sendable {
    let lines = Locked<[String]>([])
    let time = Locked<Int64>(1_763_707_883_123)

    func log(_ level: Log.Level = .debug, _ format: Log.Format = .json) -> Log {
        Log(level: level, format: format, now: { self.time.withLock { $0 } }) { line in
            self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
    }

    var text: [String] { lines.withLock { $0 } }
}

@Suite struct LogTests {
    @Test func aLineIsJSON() {
        let recorder = Recorder()
        recorder.log().with([.request: .text("r-1")]).info(
            "answered",
            [.status: 202, .seconds: .duration(.microseconds(1500)), .route: "/healthz", .state: true]
        )
        let expected =
            #"{"time":"2025-11-21T06:51:23.123Z","level":"info","message":"answered","request":"r-1","status":202,"#
            + #""seconds":0.0015,"route":"/healthz","state":true}"# + "\n"
        #expect(recorder.text == [expected])
    }

    @Test func aLineIsText() {
        let recorder = Recorder()
        recorder.log(.debug, .text).warning("cannot write", [.path: "a b", .count: -1, .kind: "role", .error: ""])
        #expect(
            recorder.text
                == ["2025-11-21T06:51:23.123Z WARNING cannot write path=\"a b\" count=-1 kind=role error=\"\"\n"]
        )
    }

    @Test(arguments: Log.Level.allCases) func belowItsLevelNothingIsWrittenNorMade(_ level: Log.Level) {
        let recorder = Recorder()
        let made = Locked(0)
        func fields() -> Log.Fields {
            made.withLock { $0 += 1 }
            return [:]
        }
        let log = recorder.log(level)
        log.debug("debug", fields())
        log.info("info", fields())
        log.warning("warning", fields())
        log.error("error", fields())
        let expected = Log.Level.allCases.filter { $0 >= level }
        #expect(recorder.text.count == expected.count)
        #expect(made.withLock { $0 } == expected.count)
        for (line, level) in zip(recorder.text, expected) { #expect(line.contains(#""level":"\#(level.rawValue)""#)) }
    }

    @Test(arguments: Log.Format.allCases) func nothingFromOutsideBreaksALine(_ format: Log.Format) throws {
        let hostile = "a\nb\r\u{0}\u{1b}[31m\"\\\u{7f}\u{85}\u{9b}\u{2028}\u{202e}é𝄞"
        let recorder = Recorder()
        recorder.log(.debug, format).error("failed", [.error: .text(hostile)])
        let line = try #require(recorder.text.first)
        #expect(line.last == "\n")
        #expect(line.dropLast().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        #expect(!line.contains("\u{2028}") && !line.contains("\u{202e}"))
        #expect(line.contains("é𝄞"))
        if format == .json { #expect(try member("error", of: line) == hostile) }
    }

    @Test(arguments: 0..<200) func everyTextSurvivesJSON(seed: UInt64) throws {
        var random = Seeded(seed)
        let text = String(
            String.UnicodeScalarView(
                (0..<Int.random(in: 0...60, using: &random)).compactMap { _ in
                    Unicode.Scalar(UInt32.random(in: 0...0x2100, using: &random))
                }
            )
        )
        let recorder = Recorder()
        recorder.log().info("text", [.reason: .text(text)])
        #expect(try member("reason", of: recorder.text[0]) == text, "seed \(seed)")
    }

    @Test(arguments: Log.Format.allCases) func aLineFitsIntoAPipeWhole(_ format: Log.Format) throws {
        let recorder = Recorder()
        let long = LogValue.text(String(repeating: "\u{1}é ", count: 3000))
        recorder.log(.debug, format).info(
            "long",
            [.error: long, .path: long, .reason: long, .place: long, .state: long]
        )
        let line = try #require(recorder.text.first)
        #expect(line.utf8.count <= LogLine.bytesMax)
        #expect(line.contains("cut"))
        if format == .json { #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any]) }
    }

    @Test func numbersThatJSONLacksAreTexts() throws {
        let recorder = Recorder()
        recorder.log().info("numbers", [.seconds: .double(.infinity)])
        #expect(try member("seconds", of: recorder.text[0]) == "inf")
    }

    @Test func aFloodIsCutAndCounted() {
        let recorder = Recorder()
        let log = recorder.log()
        for _ in 0..<1000 { log.error("disk broken") }
        log.error("something else")
        #expect(recorder.text.count == LogFlood.linesMax + 1)
        recorder.time.withLock { $0 += LogFlood.whileMilliseconds }
        log.warning("a third thing")
        let last = recorder.text.suffix(2)
        #expect(last.first?.contains(#""dropped":980,"like":"disk broken"}"#) == true)
        #expect(last.last?.contains("a third thing") == true)
        log.error("disk broken")
        #expect(recorder.text.last?.contains("disk broken") == true)
    }

    @Test func theEndTellsWhatWasDropped() {
        let recorder = Recorder()
        let log = recorder.log()
        for _ in 0..<25 { log.warning("again") }
        log.flush()
        #expect(recorder.text.last?.contains(#""dropped":5"#) == true)
        log.flush()
        #expect(recorder.text.count == LogFlood.linesMax + 1)
    }

    @Test func aClockSetBackSilencesNothing() {
        let recorder = Recorder()
        let log = recorder.log()
        for _ in 0..<30 { log.error("disk broken") }
        recorder.time.withLock { $0 -= 3_600_000 }
        log.error("disk broken")
        #expect(recorder.text.count == LogFlood.linesMax + 2)
    }

    @Test func informationIsNeverDropped() {
        let recorder = Recorder()
        let log = recorder.log()
        for _ in 0..<500 { log.info("answered") }
        #expect(recorder.text.count == 500)
    }

    @Test func manyThreadsLoseNothing() async {
        let recorder = Recorder()
        let log = recorder.log()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { for _ in 0..<50 { log.info("answered"); log.error("failed") } }
            }
        }
        log.flush()
        let dropped = 1000 - LogFlood.linesMax
        #expect(recorder.text.count == 1000 + LogFlood.linesMax + 1)
        #expect(recorder.text.last?.contains(#""dropped":\#(dropped)"#) == true)
    }

    private func member(_ name: String, of line: String) throws -> String? {
        try (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?[name] as? String
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func known(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text(withMilliseconds: true) == Array(text.utf8))
    }

    @Test func agreesWithFoundation() {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var random = Seeded(7)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -2_000_000_000...8_000_000_000, using: &random)
            let expected = Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(format)
            #expect(
                Timestamp(milliseconds: seconds * 1000).text(withMilliseconds: true) == Array(expected.utf8),
                "seed 7, \(seconds)"
            )
        }
    }
}
