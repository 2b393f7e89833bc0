import Coordination
import Store
import Threads

/// The store as a part of the service: the last to stop.
struct StorePart: Running {
    let store: any Store
    private let closed = Latch()

    init(store: any Store) { self.store = store }

    func run() async { await closed.wait() }

    func stop() async {
        await store.close()
        closed.open()
    }
}
