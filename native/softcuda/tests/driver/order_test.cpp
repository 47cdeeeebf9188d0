// The order of operations: what an operation follows, and that old ones are forgotten. Built from the driver's sources.
#include <dlfcn.h>

#include <random>

#include "../../driver/event.h"
#include "../../driver/scheduler.h"
#include "check.h"

using namespace softcuda;

namespace {

Operation named(const char* name) {
  Operation operation;
  operation.name = name;
  return operation;
}

// A program's operations, their views kept as if none had run.
struct Program {
  std::shared_ptr<Legacy> legacy = std::make_shared<Legacy>();
  Timeline timeline;
  std::vector<std::unique_ptr<View>> views;

  const View& submit(Lane& lane, const Operation& operation = named("work")) {
    views.push_back(timeline.submit(lane, operation));
    return *views.back();
  }
  std::shared_ptr<Event> record(Lane& lane) {
    const auto event = std::make_shared<Event>(nullptr, 0);
    event->recorded(Submitted{1, submit(lane, named("cuEventRecord")).after()});
    return event;
  }
  void await(Lane& lane, const std::shared_ptr<Event>& event) {
    Operation operation = named("cuStreamWaitEvent");
    operation.awaits = event;
    submit(lane, operation);
  }
};

TEST(numbers_grow_and_a_stream_is_in_order) {
  Program p;
  Lane a(p.timeline, Lane::independent, p.legacy, 1), b(p.timeline, Lane::independent, p.legacy, 2);
  const View &first = p.submit(a), &other = p.submit(b), &second = p.submit(a);
  CHECK(first.first() < other.first() && other.first() < second.first());
  CHECK(second.follows(first.first()));
  CHECK(!second.follows(other.first()));
  CHECK(!second.follows(second.first()));
  CHECK(!first.follows(second.first()));
  CHECK(!other.follows(first.first()));
  CHECK(first.follows(0) && other.follows(0));
}

TEST(events_order_what_came_before_the_record_and_after_the_wait) {
  Program p;
  Lane a(p.timeline, Lane::independent, p.legacy, 1), b(p.timeline, Lane::independent, p.legacy, 2), c(p.timeline, Lane::independent, p.legacy, 3);
  const View& before = p.submit(a);
  const auto event = p.record(a);
  const View &after = p.submit(a), &early = p.submit(b);
  p.await(b, event);
  const View& late = p.submit(b);
  CHECK(!early.follows(before.first()));
  CHECK(late.follows(before.first()) && late.follows(early.first()));
  CHECK(!late.follows(after.first()));
  // Through a third stream.
  p.await(c, p.record(b));
  CHECK(p.submit(c).follows(before.first()));
  CHECK(!p.submit(c).follows(after.first()));
  // An event that was never recorded orders nothing.
  p.await(a, std::make_shared<Event>(nullptr, 0));
  CHECK(!p.submit(a).follows(late.first()));
}

TEST(the_default_stream_waits_for_blocking_streams_and_they_for_it) {
  Program p;
  Lane standard(p.timeline, Lane::standard, p.legacy, 1), blocking(p.timeline, Lane::blocking, p.legacy, 2), second(p.timeline, Lane::blocking, p.legacy, 3),
      independent(p.timeline, Lane::independent, p.legacy, 4);
  const View &x = p.submit(blocking), &y = p.submit(independent), &d = p.submit(standard), &z = p.submit(second), &w = p.submit(independent);
  CHECK(d.follows(x.first()) && !d.follows(y.first()));
  CHECK(z.follows(d.first()) && z.follows(x.first()));
  CHECK(!w.follows(d.first()));
  // Blocking streams among themselves are not ordered.
  const View& v = p.submit(blocking);
  CHECK(v.follows(d.first()) && !v.follows(z.first()));
  // Another context has rules of its own.
  Lane elsewhere(p.timeline, Lane::blocking, std::make_shared<Legacy>(), 5);
  CHECK(!p.submit(elsewhere).follows(d.first()));
}

TEST(what_the_host_has_waited_for_precedes_all_that_comes) {
  Program p;
  Lane a(p.timeline, Lane::independent, p.legacy, 1), b(p.timeline, Lane::independent, p.legacy, 2);
  const View &x = p.submit(a), &y = p.submit(b), &earlier = p.submit(b);
  p.timeline.host_waited(*x.after());
  const View& later = p.submit(b);
  CHECK(later.follows(x.first()));
  CHECK(!earlier.follows(x.first()));
  CHECK(!p.submit(a).follows(y.first()));
  p.timeline.host_waited_for_all();
  CHECK(p.submit(a).follows(y.first()));
}

TEST(graph_nodes_follow_their_dependencies) {
  Program p;
  Lane a(p.timeline, Lane::independent, p.legacy, 1), b(p.timeline, Lane::independent, p.legacy, 2);
  // A diamond: 0 -> 1, 2 -> 3.
  std::vector<GraphPlan::Step> steps;
  for (const std::vector<size_t>& dependencies : std::vector<std::vector<size_t>>{{}, {0}, {0}, {1, 2}}) {
    steps.push_back(GraphPlan::Step{std::make_shared<Operation>(named("node")), dependencies});
  }
  Operation launch = named("cuGraphLaunch");
  launch.graph = std::make_shared<GraphPlan>(steps);
  const View &before = p.submit(a), &aside = p.submit(b), &graph = p.submit(a, launch), &after = p.submit(a);
  CHECK_EQUAL(graph.first() + 3, graph.last());
  const auto node = [&](size_t i) { return NodeView(graph, *launch.graph, i); };
  for (uint32_t i = 0; i < 4; ++i) {
    CHECK(node(i).follows(before.first()) && !node(i).follows(aside.first()) && !node(i).follows(after.first()));
    CHECK(after.follows(graph.first() + i));
    for (uint32_t j = 0; j < 4; ++j) CHECK_EQUAL(j < i && !(i == 2 && j == 1), node(i).follows(graph.first() + j));
  }
  // The next launch follows the whole of this one.
  const View& again = p.submit(a, launch);
  CHECK(NodeView(again, *launch.graph, 0).follows(graph.last()));
}

TEST(operations_describe_themselves) {
  Program p;
  Lane standard(p.timeline, Lane::standard, p.legacy, 1), other(p.timeline, Lane::independent, p.legacy, 7);
  Operation kernel = named("gram_f32");
  kernel.launches_kernel = true;
  const View &x = p.submit(other, kernel), &y = p.submit(standard, named("cuMemcpyHtoDAsync"));
  CHECK(y.describe(x.first()) == "kernel gram_f32 on stream 7");
  CHECK(x.describe(y.first()) == "cuMemcpyHtoDAsync on the default stream");
  CHECK(!y.describe(0).empty() && !y.describe(UINT32_MAX).empty());
}

TEST(what_nobody_can_ask_for_is_forgotten) {
  Program p;
  Lane a(p.timeline, Lane::independent, p.legacy, 1), b(p.timeline, Lane::independent, p.legacy, 2);
  CHECK_EQUAL(0, p.timeline.remembered());
  const View& pending = p.submit(b);
  const uint32_t first = pending.first();
  for (int i = 0; i < 1000; ++i) p.timeline.submit(a, named("work"));
  CHECK_EQUAL(1001, p.timeline.remembered());
  const uint32_t last = p.submit(a).first();
  // The pending one was submitted before the host waited: it still has to know that it follows none of the others.
  p.timeline.host_waited(*p.views.back()->after());
  CHECK_EQUAL(1002, p.timeline.remembered());
  CHECK(!pending.follows(last) && !p.views.back()->follows(first));
  p.views.clear();
  p.timeline.host_waited_for_all();
  CHECK_EQUAL(0, p.timeline.remembered());
  CHECK(p.submit(b).follows(last));
}

TEST(a_program_that_never_waits_does_not_fill_the_memory) {
  Program p;
  Lane a(p.timeline, Lane::independent, p.legacy, 1);
  for (size_t i = 0; i < Timeline::kMost * 2; ++i) p.timeline.submit(a, named("work"));
  CHECK(p.timeline.remembered() <= Timeline::kMost);
}

TEST(streams_that_come_and_go_keep_clocks_short) {
  Program p;
  for (int i = 0; i < 1000; ++i) {
    Lane lane(p.timeline, Lane::independent, p.legacy, 10 + i);
    const auto view = p.timeline.submit(lane, named("work"));
    CHECK(view->slot() < 4);
    p.timeline.host_waited(*view->after());
  }
  // Without waiting a slot is not used again: a later stream does not follow the earlier one.
  uint32_t first;
  {
    Lane lane(p.timeline, Lane::independent, p.legacy, 5);
    first = p.submit(lane).first();
  }
  Lane next(p.timeline, Lane::independent, p.legacy, 6), watcher(p.timeline, Lane::independent, p.legacy, 7);
  p.submit(next);
  p.await(watcher, p.record(next));
  CHECK(!p.submit(watcher).follows(first));
}

// Random programs against the plain definition: the closure of all direct edges.
TEST(random_programs_agree_with_the_closure_of_their_edges) {
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    Program p;
    std::vector<std::unique_ptr<Lane>> lanes;
    for (int i = 0; i < 5; ++i) lanes.push_back(std::make_unique<Lane>(p.timeline, i == 0 ? Lane::standard : i < 3 ? Lane::blocking : Lane::independent, p.legacy, i + 1));
    std::vector<std::vector<bool>> closure;  // closure[i][j]: operation i follows operation j
    std::vector<int> tail(5, -1);
    std::vector<int> host;
    std::vector<std::pair<std::shared_ptr<Event>, int>> events;
    const auto add = [&](int lane, const Operation& operation, int awaited) {
      const size_t n = closure.size();
      std::vector<bool> mine(n, false);
      const auto follow = [&](int earlier) {
        if (earlier < 0) return;
        mine[earlier] = true;
        for (size_t j = 0; j < closure[earlier].size(); ++j) mine[j] = mine[j] || closure[earlier][j];
      };
      follow(tail[lane]);
      follow(awaited);
      for (int h : host) follow(h);
      if (lane == 0) follow(tail[1]), follow(tail[2]);
      if (lane == 1 || lane == 2) follow(tail[0]);
      closure.push_back(mine);
      tail[lane] = static_cast<int>(n);
      return &p.submit(*lanes[lane], operation);
    };
    for (int step = 0; step < 150; ++step) {
      const int lane = static_cast<int>(random() % 5);
      switch (random() % 6) {
        case 0: {
          const auto event = std::make_shared<Event>(nullptr, 0);
          event->recorded(Submitted{1, add(lane, named("record"), -1)->after()});
          events.emplace_back(event, tail[lane]);
          break;
        }
        case 1: {
          if (events.empty()) break;
          const auto& event = events[random() % events.size()];
          Operation wait = named("wait");
          wait.awaits = event.first;
          add(lane, wait, event.second);
          break;
        }
        case 2:
          if (random() % 4 == 0 && tail[lane] >= 0) {
            p.timeline.host_waited(*p.views[tail[lane]]->after());
            host.push_back(tail[lane]);
          }
          break;
        default: add(lane, named("work"), -1);
      }
    }
    int wrong = 0;
    for (size_t i = 0; i < closure.size(); ++i) {
      for (size_t j = 0; j < closure.size(); ++j) wrong += p.views[i]->follows(p.views[j]->first()) != (j < i && closure[i][j]);
    }
    CHECK_EQUAL(0, wrong);
  }
}

// The scheduler keeps the order, ends, and the same seed gives the same sequence.
TEST(the_scheduler_keeps_the_order) {
  std::vector<std::vector<uint64_t>> sequences;
  for (const uint64_t seed : {1, 1, 2}) {
    Program p;
    std::vector<std::unique_ptr<Lane>> lanes;
    for (int i = 0; i < 6; ++i) lanes.push_back(std::make_unique<Lane>(p.timeline, i == 0 ? Lane::standard : i < 3 ? Lane::blocking : Lane::independent, p.legacy, i + 1));
    Scheduler scheduler(seed, p.timeline.everything());
    std::mt19937 random(7);
    std::vector<std::shared_ptr<Event>> events;
    Clock done = p.timeline.everything();
    std::vector<uint64_t> sequence;
    const auto run = [&] {
      const Scheduler::Piece piece = scheduler.pick();
      CHECK(done.covers(piece.entry->view->before()));
      const auto ended = scheduler.finish(piece);
      CHECK(ended.has_value());
      done.advance(ended->view->slot(), ended->view->last());
      sequence.push_back(ended->ticket);
    };
    for (uint64_t ticket = 1; ticket <= 500; ++ticket) {
      Lane& lane = *lanes[random() % lanes.size()];
      auto operation = std::make_shared<Operation>(named("work"));
      const bool record = random() % 4 == 0;
      if (random() % 4 == 0 && !events.empty()) operation->awaits = events[random() % events.size()];
      auto view = p.timeline.submit(lane, *operation);
      if (record) {
        events.push_back(std::make_shared<Event>(nullptr, 0));
        events.back()->recorded(Submitted{ticket, view->after()});
      }
      scheduler.add(Entry{nullptr, operation, ticket, std::move(view)});
      if (random() % 3 == 0) run();
    }
    while (!scheduler.empty()) run();
    CHECK_EQUAL(500, sequence.size());
    sequences.push_back(sequence);
  }
  CHECK(sequences[0] == sequences[1]);
  CHECK(sequences[0] != sequences[2]);
}

}  // namespace

int main() { return run_all(); }
