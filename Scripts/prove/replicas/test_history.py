"""The checker finds what is planted, and nothing in a history that is in order."""
import copy, random, unittest
import history
from history import Notification, Write


def in_order(seed):
    """A history as it should be: several registers, notifications that arrive late or are never acknowledged, calls that
    fail or remain without an answer that is heard."""
    chance = random.Random(seed)
    notifications, writes, held, now, call = [], [], {}, 0.0, 0
    for number in range(chance.randrange(1, 6)):
        opportunity, versions, busy_until = f"opportunity {number}", {}, 0.0
        for version in range(1, chance.randrange(2, 9)):
            now += chance.random()
            registers = frozenset(chance.sample(["name", "amount", "customer"], chance.randrange(1, 4)))
            answer = now + chance.random() if chance.random() < 0.8 else None
            notifications.append(Notification(opportunity, version, registers, now, answer))
            if answer is None and chance.random() < 0.5:
                continue
            versions |= dict.fromkeys(registers, version)
            if chance.random() < 0.6:
                call += 1
                now = max(now, busy_until) + chance.random()
                busy_until = now + chance.random()
                is_done = chance.random() < 0.9
                writes.append(Write("opportunities", opportunity, call, now, busy_until, is_done, dict(versions)))
        now = max(now, busy_until) + 1
        call += 1
        writes.append(Write("opportunities", opportunity, call, now, now + 1, True, dict(versions)))
        held[opportunity] = dict(versions)
        now += 2
    return notifications, writes, held


class Planted(unittest.TestCase):
    def each(self, plant, word):
        """Plants something in many histories; `plant` answers whether it could."""
        planted = 0
        for seed in range(300):
            notifications, writes, held = copy.deepcopy(in_order(seed))
            if plant(random.Random(seed), notifications, writes, held):
                planted += 1
                found = history.violations(notifications, writes, held)
                self.assertTrue(any(each.startswith(word) for each in found), (seed, word, found))
        self.assertGreater(planted, 30)

    def test_nothing_is_found_where_nothing_is_wrong(self):
        for seed in range(300):
            self.assertEqual(history.violations(*in_order(seed)), [], seed)

    def test_a_lost_one(self):
        def plant(chance, notifications, writes, held):
            one = chance.choice(notifications)
            one.acknowledged = 1.0
            holds = held.setdefault(one.opportunity, {})
            for register in one.registers:
                holds.pop(register, None)
            return True
        self.each(plant, "lost")

    def test_an_older_one_in_the_end(self):
        def plant(chance, notifications, writes, held):
            told = [each for each in notifications if each.acknowledged and each.version > 1]
            if not told:
                return False
            one = chance.choice(told)
            held.setdefault(one.opportunity, {})[min(one.registers)] = one.version - 1
            return True
        self.each(plant, "lost")

    def test_a_whole_opportunity_that_is_missing(self):
        def plant(chance, notifications, writes, held):
            told = [each for each in notifications if each.acknowledged]
            return bool(told) and held.pop(chance.choice(told).opportunity, None) is not None
        self.each(plant, "lost")

    def test_an_older_state_after_a_newer_one(self):
        def plant(chance, notifications, writes, held):
            for index, write in enumerate(writes):
                later = [each for each in writes[index + 1:] if each.key == write.key and each.is_done]
                stale = {name for each in later for name in write.registers if each.registers[name] > write.registers[name]}
                if stale:
                    last = writes[-1].answered + 1
                    writes.append(Write(write.kind, write.key, 9_999, last, last + 1, True, dict(write.registers)))
                    return True
            return False
        self.each(plant, "backwards")

    def test_one_key_in_two_calls(self):
        def plant(chance, notifications, writes, held):
            one = chance.choice(writes)
            middle = (one.begun + one.answered) / 2
            writes.append(Write(one.kind, one.key, 9_999, middle, chance.choice([None, middle + 9]), False, {}))
            return True
        self.each(plant, "at once")

    def test_a_call_that_is_never_answered(self):
        def plant(chance, notifications, writes, held):
            one = chance.choice(writes[:-1] or writes)
            one.answered = None
            return any(each.key == one.key and each.begun > one.begun for each in writes)
        self.each(plant, "at once")

    def test_what_nobody_sent(self):
        def plant(chance, notifications, writes, held):
            one = chance.choice(writes)
            if not one.registers:
                return False
            one.registers[min(one.registers)] = 77
            return True
        self.each(plant, "invented")

    def test_what_was_written_before_it_was_sent(self):
        def plant(chance, notifications, writes, held):
            for write in writes:
                for each in notifications:
                    if each.opportunity == write.key and any(write.registers.get(name) == each.version for name in each.registers):
                        each.begun = write.answered + 1
                        return True
            return False
        self.each(plant, "invented")


if __name__ == "__main__":
    unittest.main()
