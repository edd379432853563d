using System.ComponentModel;

namespace TypedShm;

/// <summary>
/// What refers to a struct in memory and may write it: a writing end, a claim. Generated code gives whatever implements it the property
/// <c>View</c>, once for all of them.
/// </summary>
/// <typeparam name="T">The struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ISharedReference<T>
{
    /// <summary>The struct in place.</summary>
    ref T Value { get; }
}

/// <summary>
/// What refers to a struct in memory and may read it: a reading end, a lease. Generated code gives whatever implements it the property
/// <c>View</c>, once for all of them.
/// </summary>
/// <typeparam name="T">The struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IReadOnlySharedReference<T>
{
    /// <summary>The struct in place.</summary>
    ref readonly T Value { get; }
}

/// <summary>What refers to a request that was received. Generated code gives it the property <c>RequestView</c>.</summary>
/// <typeparam name="TRequest">The struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ISharedRequest<TRequest>
{
    /// <summary>The request in place.</summary>
    ref readonly TRequest Request { get; }
}

/// <summary>What refers to a response that is being written. Generated code gives it the property <c>ResponseView</c>.</summary>
/// <typeparam name="TResponse">The struct.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ISharedResponse<TResponse>
{
    /// <summary>The response in place.</summary>
    ref TResponse Response { get; }
}
