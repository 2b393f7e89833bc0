import Foundation
import Testing

@testable import Store

@Suite struct LogShortenerTests {
    /// The writer copies only what was written meanwhile, not the whole log, which would delay its callers.
    @Test(.timeLimit(.minutes(5))) func theLogIsCopiedBesideTheWriter() async throws {
        try await withFixture(.sqlite) { fixture in
            let writer = try Connection(path: fixture.path, .write)
            writer.watchLog()
            try writer.execute("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE filler (bytes BLOB)")
            let shortener = try LogShortener(path: fixture.path)
            defer { shortener.close() }
            func fill(pages: Int) throws {
                try writer.execute("INSERT INTO filler VALUES (zeroblob(\(pages * 4_096)))")
            }
            let pagesMax = 80
            func isWriterNeeded() -> Bool {
                shortener.isWriterNeeded(pages: writer.logPages, pagesMax: pagesMax)
            }
            try fill(pages: pagesMax)
            #expect(!isWriterNeeded())
            while !isWriterNeeded() { await Task.yield() }
            let size = try FileManager.default.attributesOfItem(atPath: fixture.path)[.size] as? Int
            #expect(try #require(size) >= pagesMax * 4_096)
        }
    }
}
