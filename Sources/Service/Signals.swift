import Dispatch
import Glibc

/// Signals as a sequence. Created before anything else starts, so that none is missed.
public final class Signals: @unchecked Sendable {
    // @unchecked: the sources are kept alive here and never touched again.
    public let received: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    public init(_ signals: [Int32]) {
        let (stream, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(8))
        received = stream
        sources = signals.map { number in
            // The default action would end the process before the source receives the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }
}
