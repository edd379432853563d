// What the models under Relacy share: the C# memory operations in terms of C++, and the command line.
//
//   program            checks the protocol; exit 0 if it holds
//   program --list     names its weakenings, one a line
//   program NAME       checks it with that weakening; exit 1 if Relacy finds the harm
#pragma once

#include <cstdlib>
#include <cstring>
#include <iostream>
#include "relacy/relacy.hpp"

// The C# memory model (dotnet/runtime, docs/design/specs/Memory-model.md) in that of C++.
typedef rl::atomic<unsigned> Word;

// Volatile.Read and Volatile.Write.
inline unsigned volatile_read(Word& word) { return word.load(rl::memory_order_acquire); }
inline void volatile_write(Word& word, unsigned value) { word.store(value, rl::memory_order_release); }

// An ordinary access of up to eight aligned bytes: never torn, in no order.
inline unsigned plain_read(Word& word) { return word.load(rl::memory_order_relaxed); }
inline void plain_write(Word& word, unsigned value) { word.store(value, rl::memory_order_relaxed); }

// Volatile.ReadBarrier: reads before it stay before reads and writes after it.
inline void read_barrier() { rl::atomic_thread_fence(rl::memory_order_acquire); }

// Volatile.WriteBarrier: reads and writes before it stay before writes after it.
inline void write_barrier() { rl::atomic_thread_fence(rl::memory_order_release); }

// Interlocked.MemoryBarrierProcessWide: a full fence in every thread, wherever it is.
inline void process_wide_barrier() { rl::ctx().sched(); rl::systemwide_fence($); }

// Which rule is broken in this run. Read by the model's threads, never changed while they run.
static char const* s_weakening = "";
inline bool weak(char const* name) { return std::strcmp(s_weakening, name) == 0; }

// A payload of two words, so that it can be torn. In .NET a racing copy is torn, not undefined.
struct Payload
{
    Word first, second;

    Payload() : first(0), second(0) {}
    void fill(unsigned value) { plain_write(first, value); plain_write(second, value); }
};

struct Copy
{
    unsigned first, second;

    explicit Copy(Payload& payload) : first(plain_read(payload.first)), second(plain_read(payload.second)) {}
    bool is(unsigned value) const { return first == value && second == value; }
};

template<typename Test>
bool holds(unsigned iterations)
{
    // With HISTORY set, Relacy prints the execution that fails. Its streams must not allocate: it replaces operator new.
    std::ostream silent(0);
    rl::test_params parameters;
    parameters.iteration_count = iterations;
    parameters.search_type = rl::sched_random;
    parameters.execution_depth_limit = 5000;
    parameters.output_stream = std::getenv("HISTORY") ? &std::cout : &silent;
    parameters.progress_stream = &silent;
    if (rl::simulate<Test>(parameters))
        return true;
    std::cout << rl::test_result_str(parameters.test_result) << " in execution " << parameters.stop_iteration << std::endl;
    return false;
}

inline int run(int count, char** arguments, bool (*check)(), char const* const* weakenings)
{
    char const* argument = count > 1 ? arguments[1] : "";
    for (; *weakenings; ++weakenings)
    {
        if (std::strcmp(argument, "--list") == 0)
            std::cout << *weakenings << std::endl;
        else if (std::strcmp(argument, *weakenings) == 0)
            s_weakening = *weakenings;
    }

    if (std::strcmp(argument, "--list") == 0)
        return 0;
    if (std::strcmp(argument, s_weakening) != 0)
    {
        std::cout << "there is no weakening " << argument << std::endl;
        return 2;
    }

    return check() ? 0 : 1;
}
