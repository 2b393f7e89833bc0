package import OnewayCore

extension HTML {
    /// Relative for readers; absolute in the tooltip and for programs.
    package static func time(_ time: Timestamp, _ now: Timestamp) -> HTML {
        .tag("time", ["datetime": "\(time)", "title": Wording.absolute(time)], "\(Wording.relative(time, now))")
    }

    /// When something is to happen: what is due is not called next.
    static func next(_ time: Timestamp, _ now: Timestamp) -> HTML { .time(max(time, now), now) }

    /// Text from outside, isolated so that its writing direction does not affect the text around it.
    package static func foreign(_ text: String) -> HTML { .tag("bdi", [:], .text(text)) }

    package static func code(_ text: String) -> HTML { .tag("code", [:], .text(text)) }

    package static func link(_ to: String, _ words: HTML) -> HTML { .tag("a", ["href": to], words) }
}
