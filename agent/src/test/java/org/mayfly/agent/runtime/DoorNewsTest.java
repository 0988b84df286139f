package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.FakeClock;

class DoorNewsTest {
    private final Logger log = Logger.getLogger(DoorNews.class.getName());
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            lines.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        log.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        log.removeHandler(handler);
    }

    /** What is tried every second is not told every second. */
    @Test
    void aProblemIsToldOnceUntilItDiffers() {
        FakeClock clock = new FakeClock();
        DoorNews news = new DoorNews(new Monitors(clock), clock);
        news.problem("");
        news.problem("a");
        news.problem("a");
        assertEquals("a", news.problem());
        news.problem("b");
        news.problem("");
        assertEquals("", news.problem());
        news.problem("b");
        assertEquals(List.of("a", "b", "b"), lines);
    }
}
